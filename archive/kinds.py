"""The closed vocabulary of custody events, and the PREMIS word for each.

What each kind holds is in `archive.event_shapes`.
"""

from collections.abc import Mapping
from enum import StrEnum


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
    ROTATION = "agent-rotation"
    RESEALING = "grant-resealing"
    SUSPENSION = "agent-suspension"
    CREDENTIAL = "credential-change"
    TRUSTEES = "trustees-appointment"
    RECOVERY = "recovery-sealing"
    DRILL = "recovery-drill"
    SETTING = "compartment-setting"
    PROPOSAL = "proposal"
    APPROVAL = "approval"
    REWRAP = "rewrapping"
    HOLD = "hold"
    LIFT = "hold-lifting"
    ORDER = "destruction-order"
    CANCELLATION = "destruction-cancellation"
    DESTRUCTION = "destruction"
    UNMASKING = "unmasking"
    SUBMISSION = "submission"
    CONFIRMATION = "confirmation"
    SUCCESSION = "log-succession"
    READMISSION = "readmission"
    FIXITY = "fixity-check"
    INSPECTION = "inspection"
    TRANSFER = "transfer-offer"
    ACCEPTANCE = "transfer-acceptance"
    RETRACTION = "transfer-retraction"
    FAILURES = "sign-in-failures"


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


class Credential(StrEnum):
    """What an agent changed about how she signs in."""

    PASSPHRASE = "passphrase"  # noqa: S105 (a word, not a secret)
    FACTOR_ADDED = "second-factor-added"
    FACTOR_REMOVED = "second-factor-removed"
    CODE_USED = "recovery-code-used"


class Act(StrEnum):
    """What takes two persons where a compartment is set so."""

    GRANT = "grant"
    RELEASE = "release"
    DESTROY = "destroy"
    IDENTITY = "identity"
    SETTING = "setting"


class Medium(StrEnum):
    """What the original of an item is on when it changes hands. Labels: the vocabulary `media`."""

    PAPER = "paper"
    PHOTOGRAPH = "photograph"
    TAPE = "tape"
    OPTICAL_DISC = "optical-disc"
    MEMORY_CARD = "memory-card"
    USB_STICK = "usb-stick"
    HARD_DISK = "hard-disk"
    TELEPHONE = "telephone"
    COMPUTER = "computer"
    OBJECT = "object"
    OVER_A_LINE = "over-a-line"


#: PREMIS 3.0 eventType codes (id.loc.gov/vocabulary/preservation/eventType) of the kinds that have one.
PREMIS: Mapping[Kind, str] = {
    Kind.ACCESSION: "acc",
    Kind.RENDITION: "cre",
    Kind.RECORD: "mem",
    Kind.POLICY: "poa",
    Kind.EXTRACTION: "mee",
    Kind.READING: "dis",
    Kind.AUDIT: "fix",
    Kind.REWRAP: "enc",
    Kind.DESTRUCTION: "del",
    Kind.UNMASKING: "dis",
    Kind.SUBMISSION: "acc",
    Kind.CONFIRMATION: "fix",
    Kind.FIXITY: "fix",
    Kind.INSPECTION: "fix",
    Kind.ACCEPTANCE: "tra",
}
