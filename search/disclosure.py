"""The one way out: search and reading. Always in this order: decide, log, open.

`find` and `read` are the only functions through which plaintext of a compartment leaves; both leave a custody
event behind before the first byte does.
"""

import hashlib
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from archive.access.keyring import Held, find_label, keyring
from archive.access.knowing import known_item
from archive.access.parts import Archive
from archive.access.signin import Sitting, pen
from archive.digests import SALT_BYTES, Digest, commit, field_salt
from archive.errors import CustodyError, FixityError, KeysError
from archive.events import format_moment
from archive.ids import Id
from archive.kinds import Kind, RenditionKind
from archive.nouns import Action, Rendition
from archive.policy import Allowed, Request, decide
from archive.receipts import Openings
from archive.records import flags_of
from search.choosing import ANYTHING, Wanted, choose
from search.query.parse import parse
from search.renditions import item_record, open_body, open_record, open_record_row, open_text
from search.retrieval import Gated, Page, Ranked, RankedHit, retrieve
from search.shelf import Shelf
from search.snippets import Snippet, snippet
from search.telling import Told, to_ask
from storage.catalogue.rows import SealedRow


@dataclass(frozen=True, slots=True)
class Library:
    """An archive and its open indexes: what finding and reading need."""

    archive: Archive
    shelf: Shelf


@dataclass(frozen=True, slots=True)
class Shown:
    """One hit as it is shown. `language` is that of the segment, or empty.

    `flags` are what to warn of before the snippet is looked at. `redaction` is the redaction that was found,
    if one was: title and snippet are then its own.
    """

    item: Id
    rendition: Id
    compartment: str
    locator: str
    score: float
    title: str = field(repr=False)
    snippet: Snippet = field(repr=False)
    flags: tuple[str, ...]
    language: str
    redaction: Id | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """One page of a search: how many segments match, those shown, and counts by facet.

    `unopened` are compartments that were granted and do not open: what is there was not searched. `told` says
    where there is something whose people want to be asked first; it counts nowhere.
    """

    total: int
    took_ms: float
    hits: tuple[Shown, ...]
    facets: dict[str, dict[str, int]]
    unopened: tuple[Id, ...] = ()
    told: tuple[Told, ...] = ()


@dataclass(frozen=True, slots=True)
class Disclosed:
    """A rendition handed out: what it is, and its plaintext in chunks, to be read to the end.

    A text rendition comes as `segments` (locator, text) instead, and has no chunks left. `redaction` is the
    one that it is, or is the text of; description, file and openings are then those of the redaction.
    """

    item: Id
    rendition: Rendition
    redaction: Rendition | None
    description: dict[str, object] = field(repr=False)
    file: dict[str, object] = field(repr=False)
    openings: Openings = field(repr=False)
    chunks: Iterator[bytes] = field(repr=False)
    segments: tuple[tuple[str, str], ...] = field(default=(), repr=False)

    @property
    def name(self) -> str:
        """The file name under which it was handed in."""
        return self.openings.name


def find(
    library: Library, sitting: Sitting, query: str, *, labels: Sequence[str] = (), page: Page | None = None
) -> Found:
    """Search what the sitting may read, for its purpose; return a page of hits with snippets.

    Raises SearchError for a query that cannot be understood (before anything is touched), A02 for a label
    that is not known to the agent. Whoever may read nothing finds nothing, not even a count.
    """
    page = page or Page()
    started = time.monotonic()
    parse(query)
    held = keyring(library.archive, sitting)
    readable = _readable(library.archive, sitting, held, labels)
    unopened = tuple(one.compartment for one in held.values() if one.fault)
    if not readable:
        return Found(0, _since(started), (), {}, unopened)
    try:
        ranked, index = _retrieve_and_log(library, sitting, query, readable, page)
    except CustodyError as fault:
        if fault.code != "C67":
            raise
        # A right or a consent ended between ranking and logging: what may be shown is looked for once more.
        readable = _readable(library.archive, sitting, keyring(library.archive, sitting), labels)
        ranked, index = _retrieve_and_log(library, sitting, query, readable, page)
    opener = _Opener(library, readable)
    hits = opener.page(ranked)
    told = to_ask(library.archive, sitting, readable, [place for place, _ in ranked.told], entry=index)
    return Found(ranked.total, _since(started), hits, ranked.facets, unopened, told)


def read(
    archive: Archive,
    sitting: Sitting,
    item: Id,
    kind: RenditionKind | None = None,
    *,
    wanted: Wanted = ANYTHING,
) -> Disclosed:
    """Hand out a form of an item: the kind or the form asked for, else the first that she may read.

    Raises A20 when the policy refuses (naming the reason), A21 when there is no such form for her. Whoever
    may not read an item is told the same as if it did not exist. A redaction is told of by what was written
    of itself; of the original it says nothing.
    """
    ledger, author = archive.ledger(), pen(archive, sitting)
    held = keyring(archive, sitting)
    found = known_item(archive, sitting, item)
    chosen = choose(archive, sitting, found, held, replace(wanted, kind=kind) if kind else wanted)
    rendition = chosen.rendition
    data = {
        "item": item,
        "rendition": rendition.rendition,
        "grant": chosen.grant.grant,
        "purpose": sitting.purpose.value,
    }
    archive.custody.checked(ledger.policies[item])
    archive.custody.record([author.write(Kind.READING, data)])
    redaction, place = chosen.redaction, held[rendition.sealed.holder]
    head = item_record(ledger, redaction.rendition if redaction else item)
    record = open_record(archive, held[head.sealed.holder], head)
    openings = Openings.of(record["openings"])
    about = (item, rendition, redaction, record["record"], record["file"], openings)
    if rendition.kind == RenditionKind.TEXT.value:
        segments = open_text(archive, place, rendition)["segments"]
        return Disclosed(*about, iter(()), tuple((one["locator"], one["text"]) for one in segments))
    chunks = open_body(archive, place, rendition)
    if rendition.kind in (RenditionKind.ORIGINAL.value, RenditionKind.REDACTION.value):
        chunks = _checked(archive, rendition, openings, chunks)
    return Disclosed(*about, chunks)


def _readable(
    archive: Archive, sitting: Sitting, held: dict[Id, Held], labels: Sequence[str]
) -> dict[Id, Held]:
    """Return those of the held compartments that the policy lets the sitting read for its purpose."""
    wanted = [find_label(held, label) for label in labels] if labels else list(held.values())
    now = format_moment(archive.clock())
    ledger = archive.ledger()

    def allowed(one: Held) -> bool:
        request = Request(sitting.id, Action.READ, one.compartment, now, sitting.purpose)
        return bool(one.identities) and isinstance(decide(ledger, request), Allowed)

    return {one.compartment: one for one in wanted if allowed(one)}


def _retrieve_and_log(
    library: Library, sitting: Sitting, query: str, readable: dict[Id, Held], page: Page
) -> tuple[Ranked, int]:
    """Return what matches and the index of the entry that says what of it is shown."""
    gate, archive = library.shelf.gate, library.archive

    def gated() -> Gated:
        ledger = archive.ledger()
        return Gated(gate.shut(ledger, sitting.purpose), gate.told(ledger, sitting.purpose))

    ranked = retrieve(library.shelf, readable, parse(query), page, gate=gated)
    return ranked, _log_search(archive, sitting, query, readable, ranked)


def _log_search(
    archive: Archive, sitting: Sitting, query: str, readable: dict[Id, Held], ranked: Ranked
) -> int:
    data = {
        "compartments": sorted(readable),
        "purpose": sitting.purpose.value,
        "query": commit(archive.random(SALT_BYTES), "query", query.encode()),
        "shown": sorted({hit.rendition for hit in ranked.hits}),
        "count": len(ranked.hits),
        "told": sorted({item for _, item in ranked.told}),
    }
    return archive.custody.record([pen(archive, sitting).write(Kind.SEARCH, data)]).first_index


class _Opener:
    """Opens titles and texts of the hits of one page, each rendition once."""

    def __init__(self, library: Library, readable: dict[Id, Held]) -> None:
        self._archive = library.archive
        self._ledger = library.archive.ledger()
        self._shelf = library.shelf
        self._readable = readable
        self._texts: dict[Id, dict[str, str]] = {}
        self._records: dict[Id, dict[str, object]] = {}
        self._rows: dict[Digest, SealedRow] = {}

    def page(self, ranked: Ranked) -> tuple[Shown, ...]:
        """Show the hits of one page; the rows of their records are fetched together."""
        heads = [self._ledger.records[hit.item] for hit in ranked.hits if hit.item in self._ledger.records]
        self._rows = self._archive.catalogue.sealed.among({head.sealed.body for head in heads})
        return tuple(self.show(hit, ranked) for hit in ranked.hits)

    def show(self, hit: RankedHit, ranked: Ranked) -> Shown:
        held, item = self._readable[hit.compartment], self._ledger.item_of(hit.item)
        try:
            if item is None:
                raise FixityError("F30", "an item is gone", found=hit.item)
            self._archive.custody.checked(self._ledger.policies[item.item])
            described = self._record(held, hit.item)
            text = self._text(held, hit.rendition).get(hit.locator, "")
        except (FixityError, CustodyError, KeysError) as fault:
            # One damaged item does not hold up the search; reading it says what is wrong.
            described, text = {"title": f"[{fault.code}]"}, ""
        with self._shelf.wording_lock:
            shown = snippet(text, ranked.stems, self._shelf.wording.analyser, language=hit.language or None)
        return Shown(
            item.item if item else hit.item,
            hit.rendition,
            held.label,
            hit.locator,
            hit.score,
            str(described.get("title", "")),
            shown,
            flags_of(described),
            hit.language,
            hit.item if item and hit.item != item.item else None,
        )

    def _record(self, held: Held, item: Id) -> dict[str, object]:
        if item not in self._records:
            head = item_record(self._ledger, item)
            row = self._rows.get(head.sealed.body)
            self._records[item] = open_record_row(self._archive, held, head, row)["record"]
        return self._records[item]

    def _text(self, held: Held, rendition: Id) -> dict[str, str]:
        if rendition not in self._texts:
            known = self._ledger.renditions.get(rendition)
            segments = open_text(self._archive, held, known)["segments"] if known else []
            self._texts[rendition] = {one["locator"]: one["text"] for one in segments}
        return self._texts[rendition]


def _checked(
    archive: Archive, rendition: Rendition, openings: Openings, chunks: Iterator[bytes]
) -> Iterator[bytes]:
    """Pass an original on, and at its end hold it against the commitment made at accession (F37)."""
    running = hashlib.sha256()
    for chunk in chunks:
        running.update(chunk)
        yield chunk
    logged = archive.custody.checked(rendition.index).data["sha256"]
    salt = field_salt(openings.salt, "sha256")
    if commit(salt, "sha256", Digest(running.hexdigest()).raw) != logged:
        raise FixityError("F37", "a plaintext differs from its commitment", found=rendition.rendition)


def _since(started: float) -> float:
    return round((time.monotonic() - started) * 1000, 1)
