"""The rows of the catalogue as they travel: one frozen class per table, in its columns' order."""

from dataclasses import dataclass

from archive.digests import Digest
from archive.ids import Id


@dataclass(frozen=True, slots=True)
class AgentRow:
    """An agent under a pseudonymous handle; `key_file` is an age passphrase file."""

    agent: Id
    handle: str
    handle_salt: bytes
    role: str
    key_file: bytes
    event: Id
    log_index: int | None = None


@dataclass(frozen=True, slots=True)
class CompartmentRow:
    """A compartment; a companion names the one it is stricter than."""

    compartment: Id
    companion_of: Id | None
    sealed: bool
    event: Id
    log_index: int | None = None


@dataclass(frozen=True, slots=True)
class ItemRow:
    """An item. `duplicate` is a digest under the depositor's key; `receipt_code` the digest of a code."""

    item: Id
    compartment: Id
    deposit: Id
    depositor: Id
    duplicate: bytes | None
    receipt_code: bytes | None
    event: Id
    log_index: int | None = None


@dataclass(frozen=True, slots=True)
class RenditionRow:
    """One form of an item; its body is an object, its header in the header store.

    `size_bytes` is how long it is opened.
    """

    rendition: Id
    item: Id
    kind: str
    compartment: Id
    epoch: int
    body: Digest
    size_bytes: int
    event: Id
    log_index: int | None = None


@dataclass(frozen=True, slots=True)
class SealedRow:
    """A small sealed thing, whole: a record, grant, grant key, reason, receipt or recovery copy.

    `holder` is the compartment or agent it is sealed to; header and content together are one age file.
    """

    body: Digest
    kind: str
    subject: Id
    version: int
    holder: Id
    epoch: int
    header: bytes
    content: bytes
    event: Id | None = None
    log_index: int | None = None


@dataclass(frozen=True, slots=True)
class PendingHeaderRow:
    """The header of `body` for a new epoch, with its digest, until it takes the place of the old one."""

    body: Digest
    digest: Digest
    epoch: int
    header: bytes
    event: Id
    log_index: int | None = None


@dataclass(frozen=True, slots=True)
class PackRow:
    """A pack that was handed in: its manifest, the signature if it had one, and the sealed openings.

    `header` and `content` are the age file of the receipts, which a code of words with the tag `code` opens.
    """

    deposit: Id
    compartment: Id
    manifest: bytes
    signature: bytes | None
    header: bytes
    content: bytes
    code: Digest
    event: Id
    log_index: int | None = None


@dataclass(frozen=True, slots=True)
class BatchRow:
    """A sealed index batch, to be folded into the compartment's index by whoever next opens it."""

    batch: Id
    compartment: Id
    epoch: int
    header: bytes
    content: bytes
    created_at: str
    event: Id | None = None
    log_index: int | None = None


@dataclass(frozen=True, slots=True)
class WorkRow:
    """One thing to be done later. `state` is waiting, running or failed; what is finished is gone."""

    work: int
    kind: str
    subject: str
    compartment: Id
    state: str
    attempts: int
    created_at: str


@dataclass(frozen=True, slots=True)
class SessionRow:
    """A session; `session` is the digest of its cookie. Times are POSIX seconds."""

    session: Digest
    agent: Id
    header: bytes
    content: bytes
    created_at: int
    seen_at: int
    purpose: str


@dataclass(frozen=True, slots=True)
class ManifestRow:
    """The sealed manifest of a compartment's index."""

    compartment: Id
    version: int
    epoch: int
    header: bytes
    content: bytes
