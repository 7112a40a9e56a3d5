"""An agent's own keys: replacing them, and changing the passphrase over them.

No crash locks her out: the key file that holds both the old and the new keys is stored before the new ones
are logged, and `signin.admit` takes those that the log names.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from archive.access.grants import Prepared, record
from archive.access.keyring import grant_binding, open_grant
from archive.access.opening import SealedStructure, seal_structure
from archive.access.parts import Archive
from archive.access.second_factor import factor_event, open_factor, seal_factor
from archive.access.signin import WRONG, Sitting, admit, pen
from archive.author import Author
from archive.codec import b64
from archive.digests import Digest
from archive.errors import AccessError, FixityError, KeysError, SviedkaError
from archive.events import Signer
from archive.ids import Id
from archive.kinds import Credential, Kind
from archive.ledger import Ledger
from archive.nouns import Grant
from keys.identities import Identity
from keys.keyfile import AgentSecret, KeyPair, format_key_file, open_key_file
from keys.passphrases import check_own
from keys.sealing import rewrap
from keys.signing import SigningKey
from storage.catalogue.rows import AgentRow
from storage.locks import exclusive


def rotate(archive: Archive, sitting: Sitting, passphrase: str) -> Sitting:
    """Replace the agent's keys by new ones, under `passphrase`; return her sitting with them.

    What is sealed to her is sealed again, and all her sessions end. Raises K23 for a short passphrase, A40
    when her keys were replaced meanwhile.
    """
    check_own(passphrase)
    fresh = KeyPair(Identity.generate(archive.random), SigningKey.generate(archive.random))
    with keys_at_rest(archive, sitting) as ledger:
        author = pen(archive, sitting)
        secret = replace(
            sitting.secret.using(fresh),
            genesis=Digest.of(archive.log.entry(0)),
            size=author.seen.size,
            root=author.seen.root,
            issued=False,
        )
        _store(archive, secret, passphrase)
        renewed = replace(author, sign=fresh.signing.sign, key=author.key + 1)
        prepared = [
            _new_keys(author, fresh),
            *_new_grants(archive, sitting, ledger, renewed, fresh=fresh),
            *_new_factor(archive, sitting, renewed, fresh),
        ]
        record(archive, prepared)
    archive.catalogue.sessions.delete_of_agent(sitting.id)
    _rewrap_receipts(archive, secret, epoch=author.key + 1)
    return admit(archive, row_of(archive, sitting), secret, purpose=sitting.purpose)


def change_passphrase(archive: Archive, sitting: Sitting, passphrase: str) -> None:
    """Put another passphrase over the same keys; all her sessions end. Raises K23 and A40 as `rotate`."""
    check_own(passphrase)
    with keys_at_rest(archive, sitting):
        data = {"agent": sitting.id, "change": Credential.PASSPHRASE.value, "sealed": None}
        archive.custody.record([pen(archive, sitting).write(Kind.CREDENTIAL, data)])
        _store(archive, sitting.secret, passphrase)
    archive.catalogue.sessions.delete_of_agent(sitting.id)


def check_passphrase(archive: Archive, sitting: Sitting, passphrase: str) -> None:
    """Refuse (K10) whoever sits at an open session and does not know its agent's passphrase."""
    try:
        open_key_file(row_of(archive, sitting).key_file, passphrase, log_n=archive.log_n)
    except KeysError as fault:
        raise (KeysError("K10", WRONG) if fault.code in ("K10", "K29", "K30") else fault) from None


@contextmanager
def keys_at_rest(archive: Archive, sitting: Sitting) -> Iterator[Ledger]:
    """Keep everyone else from changing key files meanwhile; refuse (A40) a sitting with replaced keys."""
    with exclusive(archive.folder / "keys.lock"):
        ledger = archive.ledger()
        if ledger.agents[sitting.id] != sitting.agent:
            raise AccessError("A40", "the agent's keys or rights changed meanwhile: sign in again")
        yield ledger


def row_of(archive: Archive, sitting: Sitting) -> AgentRow:
    """Return the agent's row (F26 when it is missing)."""
    row = archive.catalogue.agents.get(sitting.id)
    if row is None:
        raise FixityError("F26", "no such agent in the catalogue", expected=sitting.id)
    return row


def _store(archive: Archive, secret: AgentSecret, passphrase: str) -> None:
    key_file = format_key_file(secret, passphrase, log_n=archive.log_n, random=archive.random)
    archive.catalogue.agents.set_key_file(secret.agent, key_file)


def _new_keys(author: Author, fresh: KeyPair) -> Prepared:
    """Write that the new keys follow the old ones, which both sign."""
    data = {
        "agent": author.agent,
        "recipient": fresh.identity.recipient.text,
        "signing_key": b64(fresh.signing.public),
    }
    also = [Signer(author.agent, author.key + 1, fresh.signing.sign)]
    return Prepared(author.write(Kind.ROTATION, data, also=also), ())


def _new_grants(
    archive: Archive, sitting: Sitting, ledger: Ledger, renewed: Author, *, fresh: KeyPair
) -> Iterator[Prepared]:
    """Seal her grants to the new key, and write so with it."""
    resealed = list(_resealed(archive, sitting, ledger, fresh))
    if resealed:
        keys = [{"grant": grant, "sealed": one.ref.as_data()} for grant, one in resealed]
        signed = renewed.write(Kind.RESEALING, {"agent": renewed.agent, "keys": keys})
        yield Prepared(signed, tuple(one.row(signed.event) for _grant, one in resealed))


def _new_factor(archive: Archive, sitting: Sitting, renewed: Author, fresh: KeyPair) -> Iterator[Prepared]:
    """Seal her second factor, if she has one, to the new key; it stays the same."""
    if sitting.agent.factor is not None:
        factor = open_factor(archive, sitting.agent, sitting.secret)
        keys = (*sitting.agent.signing_keys, fresh.signing.public)
        agent = replace(sitting.agent, recipient=fresh.identity.recipient.text, signing_keys=keys)
        sealed = seal_factor(archive, agent, factor)
        signed = factor_event(renewed, Credential.FACTOR_ADDED, sealed)
        yield Prepared(signed, (sealed.row(signed.event),))


def _resealed(
    archive: Archive, sitting: Sitting, ledger: Ledger, fresh: KeyPair
) -> Iterator[tuple[Id, SealedStructure]]:
    """Seal every grant of hers to the new key. One that does not open stays as it is, a fault of its own."""
    for grant in ledger.grants_to(sitting.id):
        try:
            label, identities = open_grant(archive, sitting, grant)
        except SviedkaError:
            continue
        yield grant.grant, _reseal(archive, sitting, grant, fresh, data=_grant_data(label, identities))


def _grant_data(label: str, identities: dict[int, Identity]) -> dict[str, object]:
    opened = [{"epoch": epoch, "identity": one.text} for epoch, one in sorted(identities.items())]
    return {"label": label, "identities": opened}


def _reseal(
    archive: Archive, sitting: Sitting, grant: Grant, fresh: KeyPair, *, data: dict[str, object]
) -> SealedStructure:
    key = sitting.agent.key + 1
    return seal_structure(
        grant_binding(archive, grant.grant, grant.compartment, "grant", key),
        data,
        fresh.identity.recipient,
        holder=sitting.id,
        random=archive.random,
        holder_epoch=key,
    )


def _rewrap_receipts(archive: Archive, secret: AgentSecret, *, epoch: int) -> None:
    """Seal her receipts to the key in force; what a crash leaves still opens with the earlier one."""
    recipient = secret.identity.recipient
    for row in list(archive.catalogue.sealed.of_holder("receipt", secret.agent)):
        try:
            header = rewrap(row.header, secret.identities, recipient, random=archive.random)
        except KeysError:
            continue
        archive.catalogue.sealed.replace_header(row.body, header, epoch=epoch)
