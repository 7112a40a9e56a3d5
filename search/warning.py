"""What a reader is warned of before she reads: three flags of a form's description, and nothing else of it.

They are no testimony and leave no event: the warning has to come before the reading, which does.
"""

from archive.access.keyring import keyring
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.errors import SviedkaError
from archive.ids import Id
from archive.records import flags_of
from search.choosing import ANYTHING, Wanted, choose
from search.renditions import item_record, open_record


def warnings_of(archive: Archive, sitting: Sitting, item: Id, wanted: Wanted = ANYTHING) -> tuple[str, ...]:
    """Return what to warn of in the form that reading would hand out now; nothing to whoever may not read.

    What does not open is not warned of: reading it says what is wrong.
    """
    ledger, held = archive.ledger(), keyring(archive, sitting)
    found = ledger.items.get(item)
    if found is None:
        return ()
    try:
        redaction = choose(archive, sitting, found, held, wanted).redaction
        archive.custody.checked(ledger.policies[item])
        head = item_record(ledger, redaction.rendition if redaction else item)
        return flags_of(open_record(archive, held[head.sealed.holder], head)["record"])
    except SviedkaError:
        return ()
