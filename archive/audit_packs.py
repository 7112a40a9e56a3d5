"""The audit of packs: what a row keeps of one, against the manifest that the log names by its digest.

Nothing is opened. The openings under the packer's code of words are held against the manifest only: that they
open the commitments, only the code shows.
"""

from collections.abc import Mapping

from archive.audit_entries import Chronicle, ExpectedPack
from archive.digests import Digest
from archive.errors import SviedkaError
from archive.holdings import Row
from archive.ids import Id
from archive.packs import Manifest, parse_manifest, parse_signature, signed_manifest


def wrong_in(row: Row, packs: Mapping[Id, ExpectedPack], chronicle: Chronicle) -> str | None:
    """Return the name of the field of a pack's row that is not as the log says, or None."""
    pack, written = packs[row["deposit"]], row.get("manifest")
    if not isinstance(written, bytes) or Digest.of(written) != pack.manifest:
        return "manifest"
    try:
        manifest = parse_manifest(written)
    except SviedkaError:
        return "manifest"
    if {one.item for one in manifest.items} != pack.items:
        return "manifest"
    return _wrong_receipts(row, manifest) or _wrong_signature(row, pack, written, chronicle)


def _wrong_receipts(row: Row, manifest: Manifest) -> str | None:
    receipts = manifest.receipts
    for column, expected in (("header", receipts.header), ("content", receipts.body)):
        value = row.get(column)
        if not isinstance(value, bytes) or Digest.of(value) != expected:
            return column
    return None if row.get("code") == receipts.code else "code"


def _wrong_signature(row: Row, pack: ExpectedPack, written: bytes, chronicle: Chronicle) -> str | None:
    """Check that where the log names a signer, a signature by one of her keys is kept.

    Where it names none, what is kept is nobody's word, but a signature or nothing.
    """
    value = row.get("signature")
    if pack.signer is None and value is None:
        return None
    try:
        signature = parse_signature(value if isinstance(value, bytes) else b"")
    except SviedkaError:
        return "signature"
    if pack.signer is None:
        return None
    for key in chronicle.ledger.agents[pack.signer].signing_keys:
        try:
            chronicle.verify(key, signed_manifest(written), signature.signature)
        except SviedkaError:
            continue
        return None if signature.agent == pack.signer else "signature"
    return "signature"
