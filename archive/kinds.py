"""The closed vocabulary of custody events: their kinds, what each holds, and the PREMIS word for each.

`SEALED` is how an event names a sealed thing: whom or which compartment it is sealed to (`holder`), in which
epoch of the holder's key, the SHA-256 of its body and of its header, and the commitment to its file key.
"""

from collections.abc import Mapping
from enum import StrEnum

from archive.errors import CustodyError
from archive.nouns import Action, Role
from archive.shapes import (
    Shape,
    base64_of,
    count,
    digest,
    flag,
    identifier,
    list_of,
    moment,
    object_of,
    one_of,
    optional,
    positive,
    set_of,
    text_of,
)
from archive.uses import RightsBasis, Use


class Kind(StrEnum):
    """What an event records."""

    GENESIS = "genesis"
    ENROLMENT = "agent-enrolment"
    COMPARTMENT = "compartment-creation"
    EPOCH = "compartment-epoch"
    IDENTITY = "identity-disclosure"
    GRANT = "grant"
    REVOCATION = "revocation"
    ACCESSION = "accession"
    RENDITION = "rendition"
    RECORD = "record"
    POLICY = "policy-assignment"
    EXTRACTION = "extraction"
    INDEXING = "index-batch"
    SEARCH = "search"
    READING = "reading"
    AUDIT = "audit"


class RenditionKind(StrEnum):
    """The forms an item takes."""

    ORIGINAL = "original"
    TEXT = "text"
    TRANSCRIPT = "transcript"
    TRANSLATION = "translation"
    REDACTION = "redaction"
    THUMBNAIL = "thumbnail"


class Outcome(StrEnum):
    """PREMIS eventOutcome."""

    SUCCESS = "success"
    FAIL = "fail"
    WARNING = "warning"


#: PREMIS 3.0 eventType codes (id.loc.gov/vocabulary/preservation/eventType) of the kinds that have one.
PREMIS: Mapping[Kind, str] = {
    Kind.ACCESSION: "acc",
    Kind.RENDITION: "cre",
    Kind.RECORD: "mem",
    Kind.POLICY: "poa",
    Kind.EXTRACTION: "mee",
    Kind.READING: "dis",
    Kind.AUDIT: "fix",
}

_RECIPIENT = text_of(r"age1pq1[02-9ac-hj-np-z]{1952}")
_VKEY = text_of(r"[!-*,-~]{1,255}\+[0-9a-f]{8}\+[A-Za-z0-9+/=]{40,4000}")
_PURPOSE = one_of(use.value for use in Use)
_SIGNING_KEY = base64_of(32)

SEALED: Shape = {
    "holder": identifier,
    "epoch": positive,
    "body": digest,
    "header": digest,
    "file_key": digest,
}
_sealed = object_of(SEALED)

_CONSENT: Shape = {"record": identifier, "version": positive, "uses": set_of(_PURPOSE), "withdrawn": flag}

_ENROLLED: Shape = {
    "agent": identifier,
    "role": one_of(role.value for role in Role),
    "recipient": _RECIPIENT,
    "signing_key": _SIGNING_KEY,
    "handle": digest,
    "issued": flag,
}

#: The shapes of version 1. A later release that says more of a kind gives it a further version of its own,
#: and goes on reading the earlier ones.
SHAPES: Mapping[Kind, Shape] = {
    Kind.GENESIS: {
        "archive": identifier,
        "log_keys": list_of(_VKEY),
        "archive_agent": object_of({"agent": identifier, "signing_key": _SIGNING_KEY}),
        "custodian": object_of(_ENROLLED),
        "recovery": _RECIPIENT,
    },
    Kind.ENROLMENT: _ENROLLED,
    Kind.COMPARTMENT: {
        "compartment": identifier,
        "companion_of": optional(identifier),
        "authority": flag,
        "sealed": flag,
        "recipient": _RECIPIENT,
        "recovery_recipient": _RECIPIENT,
        "recovery": _sealed,
    },
    Kind.EPOCH: {
        "compartment": identifier,
        "epoch": positive,
        "recipient": _RECIPIENT,
        "recovery_recipient": _RECIPIENT,
        "recovery": _sealed,
        "keys": list_of(object_of({"grant": identifier, "sealed": _sealed})),
    },
    Kind.IDENTITY: {"compartment": identifier, "grant": identifier},
    Kind.GRANT: {
        "grant": identifier,
        "agent": identifier,
        "compartment": identifier,
        "epoch": positive,
        "actions": set_of(one_of(action.value for action in Action)),
        "purposes": set_of(_PURPOSE),
        "starts": moment,
        "ends": optional(moment),
        "reason": _sealed,
        "sealed": _sealed,
    },
    Kind.REVOCATION: {"grant": identifier, "reason": _sealed},
    Kind.ACCESSION: {
        "item": identifier,
        "deposit": identifier,
        "rendition": identifier,
        "sealed": _sealed,
        "sha256": digest,
        "blake3": digest,
        "name": digest,
    },
    Kind.RENDITION: {
        "item": identifier,
        "rendition": identifier,
        "kind": one_of(kind.value for kind in RenditionKind if kind is not RenditionKind.ORIGINAL),
        "sealed": _sealed,
        "sha256": digest,
    },
    Kind.RECORD: {
        "record": identifier,
        "version": positive,
        "predecessor": optional(digest),
        "item": optional(identifier),
        "sealed": _sealed,
    },
    Kind.POLICY: {
        "item": identifier,
        "basis": one_of(basis.value for basis in RightsBasis),
        "uses": set_of(_PURPOSE),
        "consents": list_of(object_of(_CONSENT)),
    },
    Kind.EXTRACTION: {
        "item": identifier,
        "outcome": one_of(outcome.value for outcome in Outcome),
        "detail": text_of(r"[a-z0-9-]{1,40}"),
    },
    Kind.INDEXING: {"compartment": identifier, "batch": digest},
    Kind.SEARCH: {
        "compartments": set_of(identifier),
        "purpose": _PURPOSE,
        "query": digest,
        "shown": set_of(identifier),
        "count": count,
    },
    Kind.READING: {"item": identifier, "rendition": identifier, "grant": identifier, "purpose": _PURPOSE},
    Kind.AUDIT: {
        "size": count,
        "root": base64_of(32),
        "faults": count,
        "outcome": one_of(o.value for o in Outcome),
    },
}


def shape_of(kind: Kind, version: int) -> Shape:
    """Return the shape of a kind of event in a version; raise C54 for one that this release does not know."""
    if version != 1:
        raise CustodyError("C54", "an event of a later release", expected="version 1", found=version)
    return SHAPES[kind]
