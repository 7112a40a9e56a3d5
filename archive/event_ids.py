"""Which events are logged, and where: a mapping that a log of millions of entries leaves room for.

An id takes about 48 bytes here and about 230 in a dict. It is a table with open addressing: slots hold
positions in two plain arrays, one of ids as they are written and one of indexes.
"""

from array import array
from collections.abc import Iterator, Mapping

from archive.ids import ID_CHARS, Id

_FEWEST_SLOTS = 64
_EMPTY = 0xFFFF_FFFF


class EventIds(Mapping[Id, int]):
    """The ids of events, each with the index of its entry. Nothing is ever taken out.

    One thread adds, others may look things up meanwhile. Holds fewer than 2**32 - 1 ids.
    """

    __slots__ = ("_ids", "_indexes", "_slots")

    def __init__(self) -> None:
        self._ids = bytearray()
        self._indexes = array("Q")
        self._slots = _slots(_FEWEST_SLOTS)

    def add(self, event: Id, index: int) -> None:
        """Note that an event that is not here yet stands at `index`."""
        position = len(self._indexes)
        written = event.encode("ascii")
        self._ids += written
        self._indexes.append(index)
        # More than half full, probing takes long; a reader has the old slots until the new ones are filled.
        if 2 * position >= len(self._slots):
            self._slots = self._grown()
        else:
            self._slots[self._slot(self._slots, written)] = position

    def __getitem__(self, event: object) -> int:
        slots = self._slots
        if isinstance(event, str):
            position = slots[self._slot(slots, event.encode("ascii", "replace"))]
            if position != _EMPTY:
                return self._indexes[position]
        raise KeyError(event)

    def __iter__(self) -> Iterator[Id]:
        return (Id(self._written(position).decode()) for position in range(len(self._indexes)))

    def __len__(self) -> int:
        return len(self._indexes)

    def _slot(self, slots: "array[int]", written: bytes) -> int:
        """Return the slot of an id: the one that holds it, or the empty one where it belongs."""
        # Python's hash of bytes is salted in each process, so nobody can make ids that collide.
        last = len(slots) - 1
        slot = hash(written) & last
        while (position := slots[slot]) != _EMPTY:
            if self._written(position) == written:
                break
            slot = (slot + 1) & last
        return slot

    def _grown(self) -> "array[int]":
        slots = _slots(2 * len(self._slots))
        for position in range(len(self._indexes)):
            slots[self._slot(slots, self._written(position))] = position
        return slots

    def _written(self, position: int) -> bytes:
        return bytes(self._ids[position * ID_CHARS : (position + 1) * ID_CHARS])


def _slots(count: int) -> "array[int]":
    return array("I", [_EMPTY]) * count
