"""Mutations of files: of the log, of bodies, of headers; flipped, cut, continued, dropped, swapped, doubled, old."""

from collections.abc import Callable, Iterator
from itertools import pairwise

from matrix_copies import Copy, body_file, header_file
from matrix_mutations import ANYTHING, Mutation, codes

from archive.tiles import parse_tile_path

_UNREADABLE = codes("C30", "C31", "C32", "C87")

Bytes = Callable[[bytes], bytes]


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


#: Ways to change the bytes of a file that has some.
CHANGES: dict[str, Bytes] = {
    "flipped at its beginning": lambda data: flipped(data, 0),
    "flipped in its middle": lambda data: flipped(data, len(data) // 2),
    "flipped at its end": lambda data: flipped(data, len(data) - 1),
    "cut by a byte": lambda data: data[:-1],
    "cut in half": lambda data: data[: len(data) // 2],
    "emptied": lambda _data: b"",
    "continued by a byte": lambda data: data + b"\n",
    "continued by itself": lambda data: data + data,
    "zeroed": lambda data: bytes(len(data)),
}


def put(name: str, data: bytes | None) -> Callable[[Copy], None]:
    """Return the change that gives a file other bytes, or none."""

    def change(copy: Copy) -> None:
        if data is None:
            copy.files.pop(name)
        else:
            copy.files[name] = data

    return change


def in_store(whole: Copy, store: str) -> list[str]:
    return [name for name in whole.files if name.startswith(store)]


def object_of(name: str) -> str:
    """Return how a report names a file."""
    store, _, rest = name.partition("/")
    words = {"objects": "body ", "headers": "header "}
    return words[store] + rest.rpartition("/")[2] if store in words else name


def of_stores(whole: Copy, earlier: dict[str, Copy]) -> Iterator[Mutation]:
    """Mutations of bodies and headers."""
    for store, missing, other in (("objects", "F40", "F41"), ("headers", "F42", "F43")):
        files = in_store(whole, f"{store}/")
        for name in files:
            said = {object_of(name): codes(other)}
            for how, make in CHANGES.items():
                yield Mutation(f"{store}: {how}", name, put(name, make(whole.files[name])), said)
            gone = {object_of(name): codes(missing)}
            yield Mutation(f"{store}: dropped", name, put(name, None), gone)
        for one, two in pairwise(files):
            yield _swapped(whole, store, one, two, other)
        yield from _old(whole, earlier, store, other)
        yield from _elsewhere(whole, store)
    yield from _headers_for_bodies(whole)


def _swapped(whole: Copy, store: str, one: str, two: str, code: str) -> Mutation:
    def change(copy: Copy) -> None:
        copy.files[one], copy.files[two] = whole.files[two], whole.files[one]

    said = {object_of(one): codes(code), object_of(two): codes(code)}
    return Mutation(f"{store}: swapped", f"{one} {two}", change, said)


def _old(whole: Copy, earlier: dict[str, Copy], store: str, code: str) -> Iterator[Mutation]:
    """Put back what was there before: earlier headers of what is there, and what was destroyed."""
    for then, copy in earlier.items():
        for name in in_store(copy, f"{store}/"):
            data, subject = copy.files[name], object_of(name)
            if name in whole.files and data != whole.files[name]:
                yield Mutation(
                    f"{store}: replayed", f"{name} {then}", put(name, data), {subject: codes(code)}
                )
            elif name not in whole.files and store == "headers":
                yield Mutation("headers: destroyed, put back", name, put(name, data), {subject: codes("F56")})
            elif name not in whole.files:
                said = {subject: "F56"}
                yield Mutation("objects: destroyed, put back", name, put(name, data), {}, noted=said)


def _elsewhere(whole: Copy, store: str) -> Iterator[Mutation]:
    """Copies of files under names that are not theirs."""
    for number, name in enumerate(in_store(whole, f"{store}/")):
        data, strange = whole.files[name], f"{store}/{number}.copy"
        yield Mutation(
            f"{store}: copied to a strange name", name, put(strange, data), {strange: codes("F51")}
        )
        invented = f"{number:064x}"
        path = {"objects": body_file, "headers": header_file}[store](invented)
        said = {object_of(path): codes("F49")}
        yield Mutation(f"{store}: copied to another digest", name, put(path, data), said)


def _headers_for_bodies(whole: Copy) -> Iterator[Mutation]:
    bodies, headers = in_store(whole, "objects/"), in_store(whole, "headers/")
    for body, header in zip(bodies, headers, strict=True):
        data = whole.files[header]
        yield Mutation("objects: a header instead", body, put(body, data), {object_of(body): codes("F41")})
        data = whole.files[body]
        yield Mutation(
            "headers: a body instead", header, put(header, data), {object_of(header): codes("F43")}
        )


def of_log(whole: Copy, earlier: dict[str, Copy]) -> Iterator[Mutation]:
    """Mutations of tiles and bundles."""
    tiles = in_store(whole, "log/tile/")
    for name in tiles:
        bundle = "/entries/" in name
        also = frozenset({"entry "}) if bundle else frozenset()
        kind = "bundles" if bundle else "tiles"
        for how, make in CHANGES.items():
            change = put(name, make(whole.files[name]))
            # A bundle that cannot be read leaves entries out, and rows that nothing is left to explain.
            said = {name: _UNREADABLE}
            yield Mutation(f"{kind}: {how}", name, change, said, also, alone=bundle)
        if not _is_superseded(name, tiles):
            gone = {name: codes("F50")}
            yield Mutation(f"{kind}: dropped", name, put(name, None), gone, also, alone=True)
        copied = name.rpartition("/")[0] + "/7"
        yield Mutation(
            f"{kind}: copied to a smaller width", name, put(copied, whole.files[name]), {copied: codes("C87")}
        )
        for strange in ("log/tile/0/1", "log/tile/entries/x000", "log/notes"):
            yield Mutation(
                f"{kind}: copied to a strange name", name, put(strange, b"x"), {strange: codes("F51")}
            )
        beyond = "log/tile/9/000"
        yield Mutation(f"{kind}: beyond the checkpoint", name, put(beyond, b"x"), {}, noted={beyond: "F52"})
        for then, copy in earlier.items():
            if name in copy.files and copy.files[name] != whole.files[name]:
                yield Mutation(
                    f"{kind}: replayed",
                    f"{name} {then}",
                    put(name, copy.files[name]),
                    {name: codes("C87")},
                    ANYTHING,
                )
    for one, two in pairwise(tiles):
        yield _tiles_swapped(whole, one, two)


def _tiles_swapped(whole: Copy, one: str, two: str) -> Mutation:
    def change(copy: Copy) -> None:
        copy.files[one], copy.files[two] = whole.files[two], whole.files[one]

    said = dict.fromkeys((one, two), _UNREADABLE)
    # Where neither leads to the signed root, that is said too.
    also = frozenset({"entry ", "log/checkpoint"})
    return Mutation("tiles: swapped", f"{one} {two}", change, said, also, alone=True)


def _is_superseded(name: str, tiles: list[str]) -> bool:
    ref = parse_tile_path(name.removeprefix("log/"))
    others = (parse_tile_path(other.removeprefix("log/")) for other in tiles)
    return any(
        (other.level, other.index) == (ref.level, ref.index) and other.width > ref.width for other in others
    )
