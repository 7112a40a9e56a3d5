"""The table of event ids behaves as a dict does, in a fraction of its room."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive.event_ids import EventIds
from archive.ids import Id, new_id

IDS = st.lists(st.binary(min_size=16, max_size=16).map(lambda raw: new_id(lambda _: raw)), unique=True)


@given(ids=IDS, others=IDS)
def test_it_says_what_a_dict_would(ids, others):
    table, plain = EventIds(), {}
    for index, one in enumerate(ids):
        assert one not in table
        table.add(one, 3 * index)
        plain[one] = 3 * index
    assert dict(table) == plain
    assert list(table) == ids
    assert len(table) == len(ids)
    for one in others:
        assert (one in table, table.get(one)) == (one in plain, plain.get(one))
    assert table.keys() & set(others) == plain.keys() & set(others)


@pytest.mark.parametrize("other", [None, 7, b"aaaa", "", "ы" * 26, "a" * 25])
def test_what_is_no_id_is_not_in_it(other):
    table = EventIds()
    table.add(Id("a" * 26), 0)
    assert other not in table
    with pytest.raises(KeyError):
        table[other]


def test_a_hundred_thousand_ids_take_less_than_six_megabytes():
    table = EventIds()
    for index in range(100_000):
        table.add(new_id(), index)
    held = sum(sys.getsizeof(getattr(table, name)) for name in EventIds.__slots__)
    assert held < 6_000_000
