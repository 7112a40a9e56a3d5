"""The archive of the tamper matrix: small, and with everything in it that an archive can hold.

One story fills it, in which every kind of event occurs. What people took home is kept too: receipts, cards, a
checkpoint, the signing keys of those who would help an attacker.
"""

import io
import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from backup_driver import run_backup
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from founded import House, found_house, opened_house, passphrase_of
from packing_people import card_of, packed

from archive.access import compartments, factors, preserving, proposals, recovering, rewrapping, rotation
from archive.access.keyring import keyring
from archive.access.receipts import fetch_receipt, trust_of
from archive.access.signin import pen
from archive.access.suspension import suspend
from archive.author import Author
from archive.cards import format_card
from archive.cli.cards import make_card
from archive.codec import b64
from archive.ids import Id
from archive.kinds import Act, Kind
from archive.nouns import Action, Role
from archive.receipts import Trust
from archive.uses import Use
from ingest.confirmation import confirm
from ingest.describe import describe
from ingest.submission import submit
from ingest.withdrawal import withdraw
from keys.identities import Identity
from keys.otp import Factor
from keys.signing import LogKey, SigningKey, parse_log_key
from keys.trustees import combine, trustees_key
from search.disclosure import read
from search.unmasking import unmask

COURT = frozenset({Use.COURT})
ALL = frozenset(set(Use) - {Use.STORE})


class Ticking:
    """A clock that is a minute later each time it is looked at, and moves on when told."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 8, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        self.now += timedelta(minutes=1)
        return self.now


@dataclass
class Kept:
    """The archive's folder, and what is outside it.

    `note` is the last checkpoint that an auditor kept, `earlier` folders as they were before. `keys` are the
    signing keys of people by handle, `old_keys` those that they had before.
    """

    folder: Path
    note: bytes = b""
    trust: Trust = field(default_factory=lambda: Trust("", ()))
    log_key: LogKey | None = None
    earlier: dict[str, Path] = field(default_factory=dict)
    receipts: dict[str, bytes] = field(default_factory=dict)
    authors: dict[str, Author] = field(default_factory=dict)
    old_keys: dict[str, Author] = field(default_factory=dict)
    items: dict[str, Id] = field(default_factory=dict)
    ends: str = ""
    card: bytes = b""
    agents: dict[str, Id] = field(default_factory=dict)
    places: dict[str, Id] = field(default_factory=dict)

    @property
    def backup(self) -> Path:
        return self.folder.with_name("backup")


def build(place: Path) -> Kept:
    """Found and fill the archive below `place`."""
    kept, clock = Kept(place / "archive"), Ticking()
    shares = found_house(kept.folder, clock)
    with opened_house(kept.folder, clock=clock) as house:
        house.shares = shares
        _people(kept, house)
        _places(kept, house)
        _deposits(kept, house)
        _before(kept, "young")
        _packs(kept, house)
        _looks(kept, house)
        _changes(kept, house)
        _before(kept, "grown")
        run_backup(house.archive, kept.backup)
        _ends(kept, house)
        clock.now += timedelta(days=40)
        _after(kept, house)
        _take_home(kept, house)
    return kept


def _before(kept: Kept, name: str) -> None:
    kept.earlier[name] = kept.folder.with_name(name)
    shutil.copytree(kept.folder, kept.earlier[name])


def _people(kept: Kept, house: House) -> None:
    roles = {"boris": "custodian", "vera": "documenter", "lena": "lawyer", "ivan": "lawyer", "dina": "lawyer"}
    for handle, role in {**roles, "olga": "auditor"}.items():
        house.enrol(handle, Role(role))
    for handle in ("boris", "vera", "lena"):
        sitting = house.sign_in(handle)
        kept.old_keys[handle] = pen(house.archive, sitting)
        rotation.rotate(house.archive, sitting, passphrase_of(handle))
    rotation.change_passphrase(house.archive, house.sign_in("lena"), passphrase_of("lena"))


def _places(kept: Kept, house: House) -> None:
    archive, anna = house.archive, house.anna
    compartments.found(archive, anna, "minsk")
    compartments.found(archive, anna, "vault", sealed=True)
    ends = (house.archive.clock() + timedelta(days=20)).strftime("%Y-%m-%dT%H:%M:%SZ")
    house.grant("vera", Action.CONTRIBUTE, purposes=())
    house.grant("vera", Action.CONTRIBUTE, label="minsk", purposes=())
    house.grant("lena", Action.READ)
    house.grant("lena", Action.READ, label="main.identities")
    house.grant("ivan", Action.READ)
    house.grant("dina", Action.READ, ends=ends)
    house.grant("boris", Action.MANAGE, Action.DESTROY, label="minsk", purposes=ALL)
    house.grant("boris", Action.MANAGE, label="minsk.identities", purposes=())
    house.grant("anna", Action.DESTROY, purposes=())
    house.grant("anna", Action.RELEASE, purposes=ALL)
    kept.ends = ends
    kept.places = {one.label: one.compartment for one in keyring(archive, house.anna).values()}
    proposals.set_two_person(archive, house.anna, "minsk")


def _deposits(kept: Kept, house: House) -> None:
    vera = house.sign_in("vera")
    for name, label in {
        "read": "main",
        "gone": "main",
        "held": "main",
        "ordered": "main",
        "other": "minsk",
    }.items():
        result = house.deposit_one(vera, f"Сведчанне, якое завецца {name}. " * 3, label)
        kept.items[name] = Id(result.item)
    names = [{"text": "Ганна Лапіцкая", "language": "be", "kind": "official"}]
    described = describe(
        house.archive,
        house.anna,
        "main.identities",
        [
            {"key": "#w", "type": "person", "data": {"names": names}},
            {"type": "testimony", "data": {"source": "#w", "role": "witness", "items": [kept.items["read"]]}},
        ],
    )
    kept.items["person"] = described[0].record
    house.redact(house.anna, kept.items["read"], "Сведчанне без імёнаў.", title="без імёнаў")


def _packs(kept: Kept, house: House) -> None:
    for name, signer in {"claimed": house.sign_in("vera").secret, "confirmed": None, "false": None}.items():
        data, _made = packed(card_of(house.archive), {f"{name}.txt": name.encode() * 9}, signer=signer)
        [kept.items[name]] = submit(house.archive, io.BytesIO(data)).items
    confirm(house.archive, house.anna, house.extractor, kept.items["confirmed"])


def _looks(kept: Kept, house: House) -> None:
    archive, lena = house.archive, house.sign_in("lena")
    assert house.found_items(lena, "сведчанне")
    b"".join(read(archive, lena, kept.items["read"]).chunks)
    house.read_original(house.sign_in("dina"), kept.items["read"])
    house.read_original(house.sign_in("ivan"), kept.items["gone"])
    unmask(archive, lena, kept.items["person"], "суд яе выклікае")
    compartments.disclose(archive, house.anna, "main")
    point = archive.log.checkpoint()
    audited = {"size": point.size, "root": b64(point.root), "faults": 0, "outcome": "success"}
    archive.custody.record([pen(archive, house.sign_in("olga")).write(Kind.AUDIT, audited)])


def _changes(kept: Kept, house: House) -> None:
    archive = house.archive
    factor = Factor.generate()
    dina, shown = house.sign_in("dina"), int(archive.clock().timestamp()) + 60
    factors.add(archive, dina, factor, TOTP(factor.secret, 6, SHA1(), 30).generate(shown).decode())
    factors.remove(archive, house.anna, "dina")
    rotation.rotate(archive, house.sign_in("lena"), passphrase_of("lena"))
    wish = proposals.wish(Act.IDENTITY, "суд просіць ключ")
    proposal = proposals.propose(archive, house.anna, "minsk", wish)
    proposals.approve(archive, house.sign_in("boris"), proposal)
    compartments.disclose(archive, house.anna, "minsk", proposal=proposal)
    proposals.propose(archive, house.sign_in("boris"), "minsk", proposals.wish(Act.SETTING, "ужо не трэба"))
    recovering.drill(archive, house.anna, combine(house.shares[:2]))
    kept.agents["trustees before"] = archive.ledger().trustees
    kept.old_keys["trustees"] = _author_of_trustees(house, kept.agents["trustees before"])
    recovering.replace_trustees(archive, house.anna, combine(house.shares[:2]), Identity.generate())


def _author_of_trustees(house: House, agent: Id) -> Author:
    key = trustees_key(combine(house.shares[:2]))
    return Author(agent, key.sign, house.archive.ledger().origin, house.archive.seen(), house.archive.clock)


def _ends(kept: Kept, house: House) -> None:
    archive = house.archive
    withdraw(archive, house.anna, kept.items["other"], "яна баіцца")
    house.revoke("ivan")
    rewrapping.rewrap_compartment(archive, house.anna, "main")
    kept.agents["dasha"] = house.enrol("dasha", Role.DOCUMENTER).id
    kept.old_keys["dasha"] = pen(archive, house.sign_in("dasha"))
    suspend(archive, house.anna, "dasha")
    preserving.hold(archive, house.anna, kept.items["held"], "суд чакае")
    preserving.hold(archive, house.anna, kept.items["read"], "на дзень")
    preserving.lift(archive, house.anna, kept.items["read"], "дзень прайшоў")
    preserving.order(archive, house.anna, kept.items["gone"], "яна папрасіла", delay_days=10)
    preserving.order(archive, house.anna, kept.items["read"], "памылка", delay_days=10)
    preserving.cancel(archive, house.anna, kept.items["read"], "памылка")


def _after(kept: Kept, house: House) -> None:
    preserving.carry_out(house.archive)
    preserving.order(house.archive, house.anna, kept.items["ordered"], "тэрмін", delay_days=30)
    vera = house.sign_in("vera")
    kept.items["last"] = Id(house.deposit_one(vera, "Апошняе сведчанне.").item)


def _take_home(kept: Kept, house: House) -> None:
    archive, vera = house.archive, house.sign_in("vera")
    for name in ("read", "held", "other", "last"):
        kept.receipts[name] = fetch_receipt(archive, vera, kept.items[name], b"")
    for handle in ("anna", "boris", "vera", "lena", "ivan", "dina", "olga"):
        sitting = house.sign_in(handle)
        kept.authors[handle] = pen(archive, sitting)
        kept.agents[handle] = sitting.id
    kept.authors["archive"] = archive.archive_author
    kept.agents["archive"] = archive.archive_author.agent
    kept.card = format_card(make_card(archive, kept.places["main"]))
    kept.trust, kept.note = trust_of(archive, vera), archive.log.note()
    kept.log_key = parse_log_key((kept.folder / "log.key").read_bytes())


def stranger(kept: Kept) -> Author:
    """Return the pen of somebody whom nobody enrolled."""
    known = kept.authors["anna"]
    return Author(Id("a" * 26), SigningKey.generate().sign, known.origin, known.seen, known.clock)
