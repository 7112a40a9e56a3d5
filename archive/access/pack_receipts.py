"""Receipts of packs: fetched with the pack's code of words by whoever knows it, without an account.

What opens the commitments came sealed under the code. The archive can open none of it, and cannot tell a code
that was never given out from one of a pack that it does not have.
"""

from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from archive.access.parts import Archive
from archive.access.receipts import receipt_of
from archive.claims import parse_openings
from archive.errors import AccessError, CustodyError, IntakeError, KeysError
from archive.ids import Id
from archive.packs import Manifest, parse_manifest
from archive.receipts import Openings
from archive.succession import origins
from keys.identities import PassphraseIdentity
from keys.passphrases import normalise
from keys.receipt_codes import code_tag
from keys.sealing import open_
from storage.catalogue.rows import PackRow

#: A code is six words; what is longer is none, and costs no more than one.
_LONGEST_CODE: Final = 200
#: Whoever copied a pack before it was handed in can hand in others under its code: so many are opened.
_MOST_OPENED: Final = 8


def receipts_by_code(archive: Archive, code: str) -> dict[Id, bytes]:
    """Return the receipts of a pack's items by its code of words, made afresh from the newest checkpoint.

    Takes the memory of opening a key file, once for each log of the archive. Raises A22 for every other code,
    and where nothing is left of the pack.
    """
    known = code[:_LONGEST_CODE]
    tags = (code_tag(known, origin, log_n=archive.log_n) for origin in origins(archive.ledger()))
    rows = [row for tag in tags for row in archive.catalogue.packs.by_code(tag)]
    for manifest, openings in _opened(archive, rows, known):
        found = dict(_receipts(archive, manifest, openings))
        if found:
            return found
    raise AccessError("A22", "there is no receipt of that code or item for you")


def _opened(
    archive: Archive, rows: list[PackRow], code: str
) -> Iterator[tuple[Manifest, dict[Id, Openings]]]:
    """Yield the packs that the code really opens, each with its openings."""
    identity = PassphraseIdentity(normalise(code), archive.log_n)
    opened: dict[tuple[bytes, bytes], bytes | None] = {}
    for row in rows:
        # What was copied into another pack opens at the same cost, and names the pack that it is of.
        sealed = (row.header, row.content)
        if sealed not in opened:
            if len(opened) >= _MOST_OPENED:
                return
            opened[sealed] = _open(identity, *sealed)
        plain, manifest = opened[sealed], parse_manifest(row.manifest)
        with suppress(IntakeError, CustodyError):
            if plain is not None:
                yield manifest, parse_openings(plain, manifest.head)


def _open(identity: PassphraseIdentity, header: bytes, body: bytes) -> bytes | None:
    try:
        return open_(header, body, identity, commitment=None)
    except KeysError:
        return None


def _receipts(
    archive: Archive, manifest: Manifest, openings: dict[Id, Openings]
) -> Iterator[tuple[Id, bytes]]:
    """Yield the receipts of those items that are here and that these openings open."""
    items = archive.ledger().items
    for one in manifest.items:
        said = openings.get(one.item)
        committed = {"sha256": one.sha256, "blake3": one.blake3, "name": one.name}
        if one.item in items and said is not None and said.commitments() == committed:
            yield one.item, receipt_of(archive, items[one.item].index, said)
