"""What a reader is warned of before she reads: three flags of an item's description, and nothing else of it.

They are no testimony and leave no event: the warning has to come before the reading, which does.
"""

from archive.access.keyring import keyring
from archive.access.parts import Archive
from archive.access.signin import Sitting
from archive.errors import SviedkaError
from archive.events import format_moment
from archive.ids import Id
from archive.nouns import Action, Item
from archive.policy import Allowed, Request, decide
from archive.records import flags_of
from search.renditions import item_record, open_record


def warnings_of(archive: Archive, sitting: Sitting, item: Id) -> tuple[str, ...]:
    """Return what to warn of, to whoever may read some form of the item now; nothing to anybody else.

    What does not open is not warned of: reading it says what is wrong.
    """
    ledger = archive.ledger()
    found = ledger.items.get(item)
    held = keyring(archive, sitting)
    if found is None or found.compartment not in held or not _may_read(archive, sitting, found):
        return ()
    try:
        archive.custody.checked(ledger.policies[item])
        return flags_of(open_record(archive, held[found.compartment], item_record(ledger, item))["record"])
    except SviedkaError:
        return ()


def _may_read(archive: Archive, sitting: Sitting, item: Item) -> bool:
    now = format_moment(archive.clock())
    requests = (
        Request(sitting.id, Action.READ, one.sealed.holder, now, sitting.purpose, item.item, one.rendition)
        for one in item.renditions.values()
    )
    return any(isinstance(decide(archive.ledger(), one), Allowed) for one in requests)
