"""A certificate that tells the digests of an original, which is telling of its plaintext."""

from archive.access.certificate import Certified, certify
from archive.access.parts import Archive
from archive.access.receipts import own_openings
from archive.access.signin import Sitting
from archive.ids import Id
from archive.kinds import RenditionKind
from search.disclosure import read


def certify_original(archive: Archive, sitting: Sitting, item: Id) -> Certified:
    """Return a certificate of an item with the digests of its original and a receipt.

    For its depositor they are those of her own receipt. For anyone else it is a reading of the original, and
    logged as one first; whoever may not read it gets none (as `read` raises).
    """
    openings = own_openings(archive, sitting, item)
    if openings is None:
        openings = read(archive, sitting, item, RenditionKind.ORIGINAL).openings
    return certify(archive, sitting, item, openings)
