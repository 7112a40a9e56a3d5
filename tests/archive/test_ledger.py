"""The state of the archive as its log tells it."""

import pytest
from ledger_builder import Builder

from archive.events import parse_entry
from archive.kinds import Kind


@pytest.fixture
def builder():
    return Builder()


def last(builder):
    return parse_entry(builder.entries[-1]).event


def test_it_says_where_everything_was_logged(builder):
    vera = builder.enrol("vera", "documenter")
    grant = builder.grant(vera, "main", ["contribute"], [])
    item, original = builder.accession(vera, "main")
    ledger, index = builder.ledger, len(builder.entries) - 1
    assert (ledger.size, ledger.items[item].index, ledger.renditions[original].index) == (
        index + 1,
        index,
        index,
    )
    assert ledger.items[item].renditions == {original: ledger.renditions[original]}
    assert (ledger.grants[grant].index, ledger.agents[vera.agent].index) == (index - 1, index - 2)
    assert ledger.events[last(builder).id] == index


def test_a_revoked_grant_stays_known_and_counts_no_more(builder):
    vera = builder.enrol("vera", "documenter")
    first = builder.grant(vera, "main", ["contribute"], [])
    second = builder.grant(vera, "main", ["describe"], [])
    index = builder.revoke(first)
    ledger, main = builder.ledger, builder.compartments["main"]
    assert [one.grant for one in ledger.grants_of(vera.agent, main)] == [first, second]
    assert [one.grant for one in ledger.grants_to(vera.agent)] == [second]
    assert first not in {one.grant for one in ledger.open_grants(main)}
    assert ledger.grants[first].revoked == index


def test_keys_of_later_epochs_are_added_to_the_grants_that_get_them(builder):
    [grant] = builder.ledger.grants
    keys = builder.epoch_keys(builder.compartments["main"])
    builder.epoch("main", 2, keys=keys)
    assert [(epoch, ref.as_data()) for epoch, ref in builder.ledger.grants[grant].keys] == [
        (2, keys[0]["sealed"])
    ]


def test_an_event_concerns_the_item_it_names(builder):
    item, _ = builder.accession(builder.anna, "main")
    assert builder.ledger.concerned(last(builder)) == {item}
    builder.record(builder.anna, "main", builder.id(), item=item)
    assert builder.ledger.concerned(last(builder)) == {item}
    builder.record(builder.anna, "main", builder.id())
    assert builder.ledger.concerned(last(builder)) == frozenset()


def test_a_search_concerns_the_items_it_showed(builder):
    first, rendition = builder.accession(builder.anna, "main")
    second, _ = builder.accession(builder.anna, "main")
    builder.accession(builder.anna, "main")
    for item in (first, second):
        builder.rights(builder.anna, item, ["court"])
    builder.do(
        builder.anna,
        Kind.SEARCH,
        compartments=[builder.compartments["main"]],
        purpose="court",
        query=builder.digest(),
        shown=sorted([rendition, second]),
        count=2,
    )
    assert builder.ledger.concerned(last(builder)) == {first, second}
