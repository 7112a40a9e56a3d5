"""What is interrupted: one act for each way in which an archive, its log or its backup is written to.

A place holds `archive`, an archive in which each act has something to do; `copy`, a copy of its bodies and headers;
`disk`, a backup of it from before its last deposit; and `newest`, one of just that state.
"""

from collections.abc import Callable
from pathlib import Path

from backup_driver import run_backup, run_restore, run_succession
from copied import add, bodies_of, body_in, check, header_in
from destroying import may_destroy
from founded import House, found_house, leave_nothing, opened_house
from two_organisations import LogOwner, Town, cosigner, known

from archive.access import preserving, rewrapping, rotation
from archive.access.receipts import fetch_receipt, trust_of
from archive.cosigners.asking import Round
from archive.nouns import Action
from ingest.accession import code_digest
from storage.cosignatures import Cosignatures

#: Called with the folder of a place and with `tell`, which keeps a text whatever happens afterwards.
Act = Callable[[Path, Callable[[str], None]], None]


def prepare(place: Path) -> list[bytes]:
    """Found the archive of a place, and back it up; return the receipts that vera left with."""
    found_house(place / "archive")
    with opened_house(place / "archive") as house:
        vera = house.documenter()
        house.lawyer()
        may_destroy(house)
        add(house.archive, place / "copy")
        first = house.deposit_one(vera, "Сведчанне: дубінка. " * 50)
        run_backup(house.archive, place / "disk")
        second = house.deposit_one(vera, "Другое сведчанне: дубінка. " * 50)
        house.grant("vera", Action.READ)
        house.revoke("lena")
        run_backup(house.archive, place / "newest")
        return [receipt_of(house, one.receipt_code) for one in (first, second)]


def receipt_of(house: House, code: str) -> bytes:
    """Fetch a receipt of vera's."""
    return fetch_receipt(house.archive, house.sign_in("vera"), code, code_digest(code))


def forget(place: Path) -> None:
    """Remove what the archive of a place has in memory."""
    leave_nothing(place / "archive")


def deposit(place: Path, tell: Callable[[str], None]) -> None:
    with opened_house(place / "archive") as house:
        vera = house.sign_in("vera")
        [result] = house.deposit(vera, {"account.txt": "Трэцяе сведчанне: дубінка. " * 50})
        if result.status == "accessioned":
            tell(result.receipt_code)


def grant(place: Path, _tell: Callable[[str], None]) -> None:
    with opened_house(place / "archive") as house:
        house.grant("lena", Action.READ)


def revoke(place: Path, _tell: Callable[[str], None]) -> None:
    with opened_house(place / "archive") as house:
        if any(house.archive.ledger().grants_to(house.sign_in("vera").id)):
            house.revoke("vera")


def rotate(place: Path, _tell: Callable[[str], None]) -> None:
    with opened_house(place / "archive") as house:
        rotation.rotate(house.archive, house.anna, "the passphrase of anna")


def rewrap(place: Path, _tell: Callable[[str], None]) -> None:
    with opened_house(place / "archive") as house:
        rewrapping.rewrap_compartment(house.archive, house.anna, "main", lambda _done, _of: None)


def destroy(place: Path, _tell: Callable[[str], None]) -> None:
    with opened_house(place / "archive") as house:
        ledger = house.archive.ledger()
        if not (ledger.orders or ledger.tombstones):
            first = next(iter(ledger.items))
            preserving.order(house.archive, house.anna, first, "she asked for it", delay_days=0)
        preserving.carry_out(house.archive)


def backup(place: Path, _tell: Callable[[str], None]) -> None:
    with opened_house(place / "archive") as house:
        run_backup(house.archive, place / "disk")


def restore(place: Path, _tell: Callable[[str], None]) -> None:
    if not (place / "restored" / "archive.json").exists():
        run_restore(place / "newest", place / "restored")


def succeed(place: Path, _tell: Callable[[str], None]) -> None:
    if not (place / "restored" / "archive.json").exists():
        run_succession(place / "newest", place / "restored")


def copy(place: Path, _tell: Callable[[str], None]) -> None:
    with opened_house(place / "archive") as house:
        add(house.archive, place / "second")


def repair(place: Path, _tell: Callable[[str], None]) -> None:
    """Damage the copy, once, and repair it."""
    _repair(place, damaged=("copy",))


def repair_own(place: Path, _tell: Callable[[str], None]) -> None:
    """Damage the archive's own store and the copy, once, and repair them from each other."""
    _repair(place, damaged=("archive", "copy"))


def _repair(place: Path, damaged: tuple[str, ...]) -> None:
    with opened_house(place / "archive") as house:
        if not (place / "damaged").exists():
            for store, item in zip(damaged, house.archive.ledger().items, strict=False):
                [original, text] = bodies_of(house.archive, item)
                body_in(place / store, original).write_bytes(b"damaged")
                header_in(place / store, original).write_bytes(b"damaged")
                header_in(place / store, text).write_bytes(b"")
            (place / "damaged").write_bytes(b"")
        check(house.archive, repair=True)


def cosign(place: Path, _tell: Callable[[str], None]) -> None:
    """Have a cosigner, who forgets nothing, sign the log as it is."""
    with opened_house(place / "archive") as house:
        trust = trust_of(house.archive)
        harbour = cosigner(place / "harbour", LogOwner(origin=trust.origin), log_keys=trust.log_keys)
        kept = Cosignatures(place / "archive" / "log")
        [outcome] = Round(house.archive.log, kept, Town([harbour]).send).ask(known(harbour))
        assert outcome.word in ("cosigned", "current"), outcome


#: Acts that the matrix leaves out: what they begin with is not whole.
BESIDES: dict[str, Act] = {"repair_own": repair_own}
ACTS: dict[str, Act] = {
    act.__name__: act
    for act in (
        deposit,
        grant,
        revoke,
        rotate,
        rewrap,
        destroy,
        backup,
        restore,
        succeed,
        copy,
        repair,
        cosign,
    )
}
