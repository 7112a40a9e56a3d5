"""Mutations of the catalogue: each row and each column of it, dropped, changed, emptied, swapped, doubled, old."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from matrix_copies import Copy
from matrix_mutations import Mutation, codes

Row = dict[str, object]

KEYS = {
    "agents": "agent",
    "compartments": "compartment",
    "items": "item",
    "renditions": "rendition",
    "sealed": "body",
    "packs": "deposit",
}

#: Columns that no log entry vouches for. Whoever opens them notices; losing the last costs a second accession.
OPENED_ONLY = frozenset(
    {
        ("agents", "key_file"),
        ("items", "receipt_code"),
        ("items", "duplicate"),
        ("receipt", "header"),
        # The log names who signed a pack, if an agent did; what else stands there is nobody's word.
        ("unsigned pack", "signature"),
    }
)

#: Columns that say whether a row counts. A crash leaves such rows, so without its index one is noted only.
STAGING = frozenset({"log_index", "event"})


def name_of(table: str, row: Row) -> str:
    """Return how a report names a row."""
    if table == "item_events":
        return f"item_events {row['item']} {row['log_index']}"
    if (table, row.get("kind")) == ("sealed", "receipt"):
        return f"receipt of item {row['subject']}"
    return f"{table} {row[KEYS[table]]}"


def changed(value: object) -> object:
    """Return another value of the same type."""
    if isinstance(value, bytes):
        middle = len(value) // 2
        return value[:middle] + bytes([value[middle] ^ 1]) + value[middle + 1 :]
    if isinstance(value, int):
        return 1 - value if value in (0, 1) else value + 1
    text = str(value)
    middle = len(text) // 2
    return text[:middle] + ("b" if text[middle] == "a" else "a") + text[middle + 1 :]


def setting(table: str, number: int, row: Row | None) -> Callable[[Copy], None]:
    """Return the change that puts another row in the place of one, or none."""

    def change(copy: Copy) -> None:
        # A row that goes leaves its place, so that several changes do not get in each other's way.
        copy.tables[table][number] = row if row is not None else {}

    return change


def adding(table: str, row: Row) -> Callable[[Copy], None]:
    return lambda copy: copy.tables[table].append(row)


def is_opened_only(table: str, row: Row, column: str) -> bool:
    kind = "receipt" if row.get("kind") == "receipt" else table
    if table == "packs" and row["signature"] is None:
        kind = "unsigned pack"
    return (kind, column) in OPENED_ONLY


def missing_code(table: str) -> frozenset[str]:
    return codes("F44") if table == "sealed" else codes("F46")


def of_rows(whole: Copy, earlier: dict[str, Copy]) -> Iterator[Mutation]:
    for table, rows in whole.tables.items():
        for number, row in enumerate(rows):
            name = name_of(table, row)
            dropped = {name: missing_code(table)}
            yield Mutation(f"{table}: row dropped", name, setting(table, number, None), dropped)
            yield from _doubled(table, number, row)
            for column in row:
                yield from _of_column(table, number, row, column)
        yield from _swapped(table, rows)
        yield from _old(table, rows, earlier)


def _of_column(table: str, number: int, row: Row, column: str) -> Iterator[Mutation]:
    for how, value in (
        ("changed", changed(row[column])),
        ("emptied", None),
        ("of another type", _retyped(row[column])),
    ):
        if (
            value == row[column]
            or is_opened_only(table, row, column)
            or (column, how) == ("log_index", "emptied")
        ):
            continue
        other = {**row, column: value}
        said = _said_of(table, row, other, column)
        if said:
            what = f"{name_of(table, row)} {column}"
            yield Mutation(f"{table}: column {how}", what, setting(table, number, other), said)
    if column == "log_index" and table != "item_events" and row["event"] is not None:
        unconfirmed = {f"{table} of event {row['event']}": "F52"}
        change = setting(table, number, {**row, column: None})
        yield Mutation(
            f"{table}: row unconfirmed",
            name_of(table, row),
            change,
            {},
            noted=unconfirmed,
            place=name_of(table, row),
        )


def _retyped(value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return str(value) if isinstance(value, int) else str(value).encode()


def _is_key(table: str, column: str) -> bool:
    return table == "item_events" or column in (KEYS.get(table), "kind", "subject")


def _said_of(table: str, row: Row, other: Row, column: str) -> dict[str, frozenset[str]]:
    """Return what is to be said of a row that became another."""
    before, after = name_of(table, row), name_of(table, other)
    if table == "item_events" or column == KEYS[table] or before != after:
        receipt = row.get("kind") == "receipt"
        if receipt and column == "body":
            # A receipt is in no log; its bytes must be what its own name says.
            return {before: codes("F45")}
        if before == after:
            # The same words, and no text: the catalogue does not say the one and says the other.
            return {before: missing_code(table) | codes("F48")}
        # What is a row of nothing, by its name, is of no receipt either.
        surplus = f"sealed {other['body']}" if table == "sealed" else after
        return {before: missing_code(table), surplus: codes("F48")}
    if table == "sealed" and column in ("header", "content"):
        return {before: codes("F45")}
    return {before: codes("F47")}


def _doubled(table: str, number: int, row: Row) -> Iterator[Mutation]:
    """A copy of a row under another name; and under its own, where whoever did it removed the key."""
    receipt = row.get("kind") == "receipt"
    key = "log_index" if table == "item_events" else KEYS[table]
    other = {**row, key: changed(row[key])}
    surplus = f"sealed {other['body']}" if receipt else name_of(table, other)
    said = {surplus: codes("F48")}
    yield Mutation(
        f"{table}: row doubled under another name", name_of(table, row), adding(table, other), said
    )
    same = f"sealed {row['body']}" if receipt else name_of(table, row)
    yield Mutation(f"{table}: row doubled", name_of(table, row), adding(table, row), {same: codes("F48")})


def _swapped(table: str, rows: list[Row]) -> Iterator[Mutation]:
    """The values of a column swapped between neighbours."""
    for number, (one, two) in enumerate(pairwise(rows)):
        if table == "item_events" or (one.get("kind") == "receipt") != (two.get("kind") == "receipt"):
            continue
        for column in one:
            unseen = is_opened_only(table, one, column) or is_opened_only(table, two, column)
            if one[column] == two[column] or unseen or _is_key(table, column):
                continue

            def change(copy: Copy, number=number, column=column, one=one, two=two) -> None:
                copy.tables[table][number] = {**one, column: two[column]}
                copy.tables[table][number + 1] = {**two, column: one[column]}

            said = _said_of(table, one, {**one, column: two[column]}, column)
            said |= _said_of(table, two, {**two, column: one[column]}, column)
            what = f"{name_of(table, one)} {column}"
            yield Mutation(f"{table}: column swapped", what, change, said)


def _old(table: str, rows: list[Row], earlier: dict[str, Copy]) -> Iterator[Mutation]:
    """Rows as they were before: of what is there, and of what is no more."""
    if table == "item_events":
        return
    present = {row[KEYS[table]]: number for number, row in enumerate(rows)}
    for then, copy in earlier.items():
        for row in copy.tables[table]:
            what, number = f"{name_of(table, row)} {then}", present.get(row[KEYS[table]])
            if number is None:
                surplus = f"sealed {row['body']}" if table == "sealed" else name_of(table, row)
                yield Mutation(
                    f"{table}: old row put back", what, adding(table, row), {surplus: codes("F48")}
                )
                continue
            columns = [c for c in row if row[c] != rows[number][c] and not is_opened_only(table, row, c)]
            if columns:
                said = {name_of(table, row): codes("F45", "F47")}
                yield Mutation(f"{table}: row replayed", what, setting(table, number, row), said)
