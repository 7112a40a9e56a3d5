"""What each kind of custody event holds, by version.

`SEALED` is how an event names a sealed thing: whom or which compartment it is sealed to (`holder`), in which
epoch of the holder's key, the SHA-256 of its body and of its header, and the commitment to its file key.
"""

from collections.abc import Mapping
from typing import Any

from archive.codec import unb64
from archive.errors import CustodyError
from archive.kinds import Act, Credential, Kind, Medium, Outcome, RenditionKind
from archive.nouns import Action, Role
from archive.shapes import (
    Shape,
    base64_of,
    count,
    day,
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
from archive.succession import PREDECESSOR
from archive.uses import RightsBasis, Use

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


def _base64(value: Any) -> None:
    unb64(value)


_CONSENT: Shape = {"record": identifier, "version": positive, "uses": set_of(_PURPOSE), "withdrawn": flag}

_SIGNING_AGENT = object_of({"agent": identifier, "signing_key": _SIGNING_KEY})

_ENROLLED: Shape = {
    "agent": identifier,
    "role": one_of(role.value for role in Role),
    "recipient": _RECIPIENT,
    "signing_key": _SIGNING_KEY,
    "handle": digest,
    "issued": flag,
}

_STORE: Shape = {
    "copy": optional(identifier),
    "bodies": count,
    "headers": count,
    "faults": count,
    "repaired": count,
}

_SHORTFALL: Shape = {
    "copy": optional(identifier),
    "part": one_of(("body", "header")),
    "body": digest,
    "expected": optional(digest),
    "found": optional(digest),
    "repaired": flag,
}

#: The shapes of version 1. A later release that says more of a kind gives it a further version of its own,
#: and goes on reading the earlier ones.
SHAPES: Mapping[Kind, Shape] = {
    Kind.GENESIS: {
        "archive": identifier,
        "log_keys": list_of(_VKEY),
        "archive_agent": _SIGNING_AGENT,
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
    # An auditor reads the archive from her own machine: with a key that she made for it, for how long.
    Kind.INSPECTION: {"key": _SIGNING_KEY, "until": moment},
    # A second key: her grants are sealed to it by `grant-resealing` entries that follow.
    Kind.ROTATION: {"agent": identifier, "recipient": _RECIPIENT, "signing_key": _SIGNING_KEY},
    Kind.RESEALING: {
        "agent": identifier,
        "keys": list_of(object_of({"grant": identifier, "sealed": _sealed})),
    },
    Kind.SUSPENSION: {"agent": identifier},
    Kind.CREDENTIAL: {
        "agent": identifier,
        "change": one_of(change.value for change in Credential),
        "sealed": optional(_sealed),
    },
    # Whoever holds the shares of a recovery identity, of the archive or (`scope`) of one sealed compartment.
    Kind.TRUSTEES: {"scope": optional(identifier), "trustees": _SIGNING_AGENT, "recovery": _RECIPIENT},
    Kind.RECOVERY: {
        "compartment": identifier,
        "keys": list_of(object_of({"epoch": positive, "sealed": _sealed})),
    },
    Kind.DRILL: {"trustees": identifier},
    Kind.SETTING: {"compartment": identifier, "two_person": flag, "proposal": optional(identifier)},
    Kind.PROPOSAL: {
        "proposal": identifier,
        "compartment": identifier,
        "act": one_of(act.value for act in Act),
        "agent": optional(identifier),
        "item": optional(identifier),
        "actions": set_of(one_of(action.value for action in Action)),
        "purposes": set_of(_PURPOSE),
        "ends": optional(moment),
        "until": moment,
        "reason": _sealed,
    },
    Kind.APPROVAL: {"proposal": identifier, "approved": flag},
    Kind.REWRAP: {
        "compartment": identifier,
        "epoch": positive,
        "headers": list_of(object_of({"body": digest, "header": digest})),
    },
    Kind.HOLD: {"hold": identifier, "item": identifier, "reason": _sealed},
    Kind.LIFT: {"hold": identifier, "item": identifier, "reason": _sealed},
    Kind.ORDER: {
        "item": identifier,
        "due": moment,
        "records": set_of(identifier),
        "reason": _sealed,
        "proposal": optional(identifier),
    },
    Kind.CANCELLATION: {"item": identifier, "reason": _sealed},
    Kind.DESTRUCTION: {"item": identifier},
    Kind.UNMASKING: {"record": identifier, "grant": identifier, "purpose": _PURPOSE, "reason": _sealed},
    # A pack handed in by anyone: `signer` is the agent who says it is hers, if one does.
    Kind.SUBMISSION: {
        "item": identifier,
        "deposit": identifier,
        "rendition": identifier,
        "sealed": _sealed,
        "sha256": digest,
        "blake3": digest,
        "name": digest,
        "description": _sealed,
        "manifest": digest,
        "signer": optional(identifier),
    },
    # What was claimed, opened and compared; where it is true, sealed afresh as another original.
    Kind.CONFIRMATION: {
        "item": identifier,
        "outcome": one_of((Outcome.SUCCESS.value, Outcome.FAIL.value)),
        "rendition": optional(identifier),
        "sealed": optional(_sealed),
        "sha256": optional(digest),
    },
    # The first own entry of a log that follows another, and the keys of the two.
    Kind.SUCCESSION: {"predecessor": object_of(PREDECESSOR), "log_keys": list_of(_VKEY)},
    # An entry that was lost with an earlier log, and the tlog-proof that it was there.
    Kind.READMISSION: {"entry": _base64, "proof": text_of(r"(?s).{1,65535}")},
    # Bodies and headers held against the log at `root`, in the archive's own store (no id) and in each copy.
    # What was not as logged is counted, and named as far as an entry has room. `whole`: every body was read.
    Kind.FIXITY: {
        "size": count,
        "root": base64_of(32),
        "begun": moment,
        "whole": flag,
        "stores": list_of(object_of(_STORE)),
        "unreached": set_of(identifier),
        "named": list_of(object_of(_SHORTFALL)),
        "outcome": one_of(o.value for o in Outcome),
    },
    # What holds the original is offered to another: its seal's number and the legal basis as commitments,
    # whose openings are sealed to the compartment (`details`) and to whom it is offered (`copy`).
    Kind.TRANSFER: {
        "transfer": identifier,
        "item": identifier,
        "to": identifier,
        "medium": one_of(medium.value for medium in Medium),
        "seal": optional(digest),
        "basis": digest,
        "details": _sealed,
        "copy": _sealed,
    },
    # Taken over; a warning says that the seal or the thing is not as it was offered.
    Kind.ACCEPTANCE: {
        "transfer": identifier,
        "item": identifier,
        "outcome": one_of((Outcome.SUCCESS.value, Outcome.WARNING.value)),
    },
    # Refused by whom it was offered to, or withdrawn by who offered it: the agent says which.
    Kind.RETRACTION: {"transfer": identifier, "item": identifier},
    # How many attempts to sign in failed on a day of UTC, whoever's: neither handle nor moment.
    Kind.FAILURES: {"day": day, "count": positive},
}

#: The shapes of version 2: what version 1 holds, and more.
SECOND_SHAPES: Mapping[Kind, Shape] = {
    Kind.GENESIS: {**SHAPES[Kind.GENESIS], "trustees": _SIGNING_AGENT},
    # The trustees of a compartment that has its own, which sealed ones do.
    Kind.COMPARTMENT: {**SHAPES[Kind.COMPARTMENT], "trustees": optional(_SIGNING_AGENT)},
    Kind.IDENTITY: {**SHAPES[Kind.IDENTITY], "proposal": optional(identifier)},
    Kind.GRANT: {**SHAPES[Kind.GRANT], "proposal": optional(identifier)},
    # `uses` are a redaction's own; `source` is the rendition from which a text was derived.
    Kind.RENDITION: {
        **SHAPES[Kind.RENDITION],
        "uses": optional(set_of(_PURPOSE)),
        "source": optional(identifier),
    },
    Kind.POLICY: {
        **SHAPES[Kind.POLICY],
        "consents": list_of(object_of({**_CONSENT, "contact_first": flag})),
    },
    # `told` are items whose people agreed to be known of and want to be asked first.
    Kind.SEARCH: {**SHAPES[Kind.SEARCH], "told": set_of(identifier)},
    # `item` is the one about whose witness it was asked.
    Kind.UNMASKING: {**SHAPES[Kind.UNMASKING], "item": optional(identifier)},
}

#: The shapes of version 3.
THIRD_SHAPES: Mapping[Kind, Shape] = {
    # Why a consent was withdrawn, sealed to the item's compartment.
    Kind.POLICY: {**SECOND_SHAPES[Kind.POLICY], "reason": optional(_sealed)},
    # Why a redaction was made, sealed where the item is, and the proposal where that takes two persons.
    Kind.RENDITION: {
        **SECOND_SHAPES[Kind.RENDITION],
        "reason": optional(_sealed),
        "proposal": optional(identifier),
    },
}

_VERSIONS = (SHAPES, SECOND_SHAPES, THIRD_SHAPES)


def newest_version(kind: Kind) -> int:
    """Return the version in which this release writes events of a kind."""
    return max(version for version, shapes in enumerate(_VERSIONS, 1) if kind in shapes)


def shape_of(kind: Kind, version: int) -> Shape:
    """Return the shape of a kind of event in a version; raise C54 for one that this release does not know."""
    known = newest_version(kind)
    if not 1 <= version <= known:
        raise CustodyError(
            "C54", "an event of a later release", expected=f"at most version {known}", found=version
        )
    return _VERSIONS[version - 1][kind]
