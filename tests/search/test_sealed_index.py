"""The index at rest: damage heals, nothing is folded twice, and processes do not undo each other's work."""

import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from founded import founded_house, opened_house

from archive.access import compartments
from archive.access.keyring import keyring
from archive.errors import SviedkaError
from archive.nouns import Action
from ingest.describe import describe
from search.engines.tantivy_engine import TantivyEngine
from search.engines.whoosh_engine import WhooshEngine
from search.rebuilding import rebuild
from search.shelf import MOST_OPEN, Shelf


@pytest.fixture(params=[TantivyEngine, WhooshEngine], ids=["tantivy", "whoosh"])
def house(request, tmp_path):
    with founded_house(tmp_path / "archive", engine=request.param) as opened:
        opened.documenter()
        opened.lawyer()
        for number in range(4):
            opened.deposit_one(opened.sign_in("vera"), f"дубінка нумар {number}")
        yield opened


def main_of(house):
    held = keyring(house.archive, house.sign_in("lena"))
    return next(one for one in held.values() if one.label == "main")


def total(house):
    found = house.find(house.sign_in("lena"), "дубінка", limit=100)
    assert len({hit.item for hit in found.hits}) == found.total
    return found.total


def sealed_index_files(house):
    return sorted((house.folder / "index" / main_of(house).compartment).glob("*.*"))


def damage_body(house):
    for path in sealed_index_files(house):
        if path.suffix == ".body":
            path.write_bytes(bytes([path.read_bytes()[0] ^ 1]) + path.read_bytes()[1:])


def damage_header(house):
    path = next(p for p in sealed_index_files(house) if p.suffix == ".header")
    path.write_bytes(path.read_bytes()[:-1])


def delete_one_file(house):
    sealed_index_files(house)[0].unlink()


def delete_all_files(house):
    for path in sealed_index_files(house):
        path.unlink()


def delete_manifest(house):
    row = house.archive.catalogue.manifests.get(main_of(house).compartment)
    manifests = house.archive.catalogue.manifests
    with manifests._database.writing() as connection:
        table = manifests._table
        connection.execute(table.delete().where(table.c.compartment == row.compartment))


def lose_everything(house):
    delete_manifest(house)
    delete_all_files(house)


def damage_manifest(house):
    row = house.archive.catalogue.manifests.get(main_of(house).compartment)
    swapped = replace(row, content=row.content[:-1] + bytes([row.content[-1] ^ 1]))
    assert house.archive.catalogue.manifests.swap(swapped, replaces=row.version)


DAMAGES = [
    damage_body,
    damage_header,
    delete_one_file,
    delete_all_files,
    delete_manifest,
    lose_everything,
    damage_manifest,
]


@pytest.mark.parametrize("damage", DAMAGES, ids=lambda damage: damage.__name__)
def test_a_damaged_or_lost_index_is_made_again_at_the_next_search(house, damage):
    assert total(house) == 4
    house.library.shelf.close()
    damage(house)
    assert total(house) == 4
    house.deposit_one(house.sign_in("vera"), "дубінка яшчэ адна")
    assert total(house) == 5


def test_a_lost_manifest_is_noticed_though_new_deposits_wait(house):
    assert total(house) == 4
    house.library.shelf.close()
    lose_everything(house)
    house.deposit_one(house.sign_in("vera"), "дубінка яшчэ адна")
    assert total(house) == 5


def test_a_damaged_batch_is_made_again(house):
    compartment = main_of(house).compartment
    batches = house.archive.catalogue.batches
    for batch in batches.of_compartment(compartment)[:2]:
        with batches._database.writing() as connection:
            table = batches._table
            connection.execute(table.update().where(table.c.batch == batch).values(content=b"changed"))
    assert total(house) == 4


def test_a_newer_version_of_a_record_takes_the_place_of_the_older(house):
    name = {"text": "Сяргей Пятроўскі", "language": "be", "kind": "official"}
    [person] = describe(house.archive, house.anna, "main", [{"type": "person", "data": {"names": [name]}}])
    total(house)
    for text in ("Алег Каваленка", "Раман Дзікі"):
        data = {"names": [{**name, "text": text}]}
        again = [{"type": "person", "id": person.record, "data": data}]
        [described] = describe(house.archive, house.anna, "main", again)
        total(house)
    assert described.version == 3
    index = house.library.shelf.open(main_of(house))
    # Four items, one person; each consent of a deposit is bound to its item and not a record to be found.
    assert index.engine.live_documents() == 5


def test_rebuilding_twice_or_while_batches_wait_doubles_nothing(house):
    held = main_of(house)
    assert rebuild(house.archive, held) == 4
    assert total(house) == 4
    rebuild(house.archive, held)
    house.deposit_one(house.sign_in("vera"), "дубінка яшчэ адна")
    rebuild(house.archive, held)
    assert total(house) == 5


def test_an_index_that_is_open_elsewhere_is_given_up_after_a_rebuild(house):
    with opened_house(house.folder, engine=house.library.shelf._engine) as other:
        assert total(house) == total(other) == 4
        rebuild(house.archive, main_of(house))
        assert total(house) == 4
        other.deposit_one(other.sign_in("vera"), "дубінка яшчэ адна")
        assert total(other) == total(house) == 5


def test_processes_that_fold_the_same_index_at_once_lose_and_double_nothing(house):
    faults = []

    def work(number):
        try:
            with opened_house(house.folder, engine=house.library.shelf._engine) as other:
                vera = other.sign_in("vera")
                for turn in range(3):
                    other.deposit_one(vera, f"дубінка {number} {turn}")
                    assert total(other) >= 5 + turn
        except BaseException as fault:
            faults.append(fault)

    workers = [threading.Thread(target=work, args=(number,)) for number in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert faults == []
    assert total(house) == 4 + 9
    assert house.archive.catalogue.batches.of_compartment(main_of(house).compartment) == []
    assert len([p for p in sealed_index_files(house) if p.suffix == ".body"]) == len(
        [p for p in sealed_index_files(house) if p.suffix == ".header"]
    )


def test_more_compartments_than_the_shelf_holds_are_searched_together(tmp_path):
    with founded_house(tmp_path / "archive", engine=WhooshEngine) as house:
        vera = house.documenter()
        house.lawyer()
        for number in range(MOST_OPEN + 2):
            compartments.found(house.archive, house.anna, f"town{number}")
            house.grant("vera", Action.CONTRIBUTE, label=f"town{number}", purposes=())
            house.grant("lena", Action.READ, label=f"town{number}")
            house.deposit_one(vera, f"дубінка нумар {number}", label=f"town{number}")
        lena = house.sign_in("lena")
        with ThreadPoolExecutor(4) as pool:
            totals = list(pool.map(lambda _: house.find(lena, "дубінка").total, range(8)))
        assert totals == [MOST_OPEN + 2] * 8
        assert len(house.library.shelf._open) <= MOST_OPEN


def test_files_of_a_closed_index_leave_the_runtime_directory(house):
    assert total(house) == 4
    folders = list(house.archive.runtime.path.glob("index-*"))
    assert len(folders) == 1
    house.library.shelf.close()
    assert list(house.archive.runtime.path.glob("index-*")) == []


def test_an_index_nobody_asked_for_lately_is_closed(house):
    now = [0.0]
    shelf = Shelf(house.archive, house.library.shelf._engine, monotonic=lambda: now[0])
    shelf.open(main_of(house))
    now[0] = 60.0
    shelf.drop_idle()
    assert len(list(house.archive.runtime.path.glob("index-*"))) == 1
    now[0] = 3600.0
    shelf.drop_idle()
    assert list(house.archive.runtime.path.glob("index-*")) == []


def test_nobody_opens_an_index_without_its_identity(house):
    assert total(house) == 4
    with pytest.raises(SviedkaError, match="without its identity"):
        house.library.shelf.open(replace(main_of(house), identities={}))


def test_what_waits_is_sealed_and_what_is_folded_is_gone_from_the_queue(house):
    compartment = main_of(house).compartment
    batches = house.archive.catalogue.batches
    assert len(batches.of_compartment(compartment)) == 4
    for batch in batches.of_compartment(compartment):
        row = batches.get(batch)
        assert row.header.startswith(b"age-encryption.org/v1\n-> mlkem768x25519 ")
        assert "дубінка".encode() not in row.content
    assert total(house) == 4
    assert batches.of_compartment(compartment) == []
