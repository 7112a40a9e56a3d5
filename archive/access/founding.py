"""Founding an archive: its keys, its genesis entry, its first custodian and first compartments."""

from dataclasses import dataclass

from archive.access.agents import NewAgent
from archive.access.compartments import COMPANION, Plan, prepare
from archive.access.grants import Prepared
from archive.author import Author, Signed
from archive.codec import b64
from archive.events import Signer
from archive.ids import Id
from archive.kinds import Kind
from keys.identities import Identity
from keys.signing import SigningKey
from keys.trustees import trustees_key, trustees_of

FIRST_LABEL = "main"
AUTHORITY_LABEL = "authority"


@dataclass(frozen=True, slots=True)
class Founder:
    """Everything the genesis entry vouches for."""

    archive: Id
    log_keys: tuple[str, ...]
    archive_agent: Id
    archive_signing: SigningKey
    custodian: NewAgent
    recovery: Identity
    trustees: Id


def write_genesis(founder: Founder, author: Author) -> Signed:
    """Write the first entry of the log, signed by the first custodian and by the archive's own agent."""
    return author.write(
        Kind.GENESIS,
        {
            "archive": founder.archive,
            "log_keys": list(founder.log_keys),
            "archive_agent": {
                "agent": founder.archive_agent,
                "signing_key": b64(founder.archive_signing.public),
            },
            "custodian": founder.custodian.as_data(issued=False),
            "recovery": founder.recovery.recipient.text,
            "trustees": trustees_of(founder.recovery, founder.trustees),
        },
        also=[
            Signer(founder.archive_agent, 1, founder.archive_signing.sign),
            Signer(founder.trustees, 1, trustees_key(founder.recovery).sign),
        ],
    )


def first_compartments(founder: Founder, author: Author) -> list[Prepared]:
    """Write the founding of `main`, its companion, and the shared `authority` compartment."""
    recovery = founder.recovery.recipient.text
    agent = founder.custodian.as_agent()

    def one(plan: Plan) -> tuple[Id, list[Prepared]]:
        return prepare(founder.archive, author, agent, plan)

    main, prepared = one(Plan(FIRST_LABEL, recovery=recovery))
    prepared += one(Plan(FIRST_LABEL + COMPANION, companion_of=main, recovery=recovery))[1]
    return prepared + one(Plan(AUTHORITY_LABEL, authority=True, recovery=recovery))[1]
