"""`sviedka search`: finding."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import asdict

import click

from archive.cli.asking import Asked, command
from archive.cli.entering import entered
from archive.cli.showing import flag_words, note, plain, show
from archive.policy import agents
from search.disclosure import Found, Library, Shown, find
from search.engines.fields import FACETS
from search.engines.tantivy_engine import TantivyEngine
from search.retrieval import Page
from search.shelf import Shelf
from search.snippets import Snippet

HIDDEN = "(not shown: see the warning; --flagged shows it)"


@command("search", rule=agents())
@click.argument("query")
@click.option(
    "--in", "labels", metavar="LABEL", multiple=True, help="Only in this compartment; may be repeated."
)
@click.option("--limit", type=click.IntRange(1, 1000), default=20, metavar="N", help="How many hits [20].")
@click.option(
    "--offset", type=click.IntRange(0, 100_000), default=0, metavar="N", help="How many to pass over."
)
@click.option(
    "--facet", "facets", type=click.Choice(FACETS), multiple=True, help="Count by this; may be repeated."
)
@click.option("--flagged", is_flag=True, help="Show passages too of what one is warned of.")
def search_command(
    asked: Asked,
    *,
    query: str,
    labels: tuple[str, ...],
    limit: int,
    offset: int,
    facets: tuple[str, ...],
    flagged: bool,
) -> None:
    """Search what you may read. Searches are logged.

    A query may be one word, or such as 'perpetrator:"…" AND date:[2020-08 TO 2020-09]'.
    """
    with entered(asked) as (archive, sitting), closing(Shelf(archive, TantivyEngine)) as shelf:
        page = Page(limit, offset, tuple(dict.fromkeys(facets)))
        found = find(Library(archive, shelf), sitting, query, labels=labels, page=page)
    value = {
        "total": found.total,
        "took_ms": found.took_ms,
        "hits": [_as_data(hit) for hit in found.hits],
        "facets": found.facets,
        **({"told": [asdict(one) for one in found.told]} if found.told else {}),
    }
    show(asked, value, _lines(found, offset, flagged=flagged))
    note(f"{found.total} passages match; {len(found.hits)} shown, in {found.took_ms} ms")
    for told in found.told:
        whom = " or ".join(told.ask) or "a custodian"
        note(
            f"in {plain(told.compartment)} there is something whose people want to be asked first: "
            f"ask {whom}, and name log entry {told.entry}"
        )
    for compartment in found.unopened:
        note(f"warning: {compartment} was granted to you and does not open; nothing there was searched")


def _as_data(hit: Shown) -> dict[str, object]:
    return {
        "item": hit.item,
        "rendition": hit.rendition,
        "locator": hit.locator,
        "score": hit.score,
        "title": hit.title,
        "snippet": _joined([text for text, _ in hit.snippet.parts], hit.snippet),
        "compartment": hit.compartment,
        **({"flags": list(hit.flags)} if hit.flags else {}),
        **({"redaction": hit.redaction} if hit.redaction else {}),
    }


def _lines(found: Found, offset: int, *, flagged: bool) -> Iterator[str]:
    for number, hit in enumerate(found.hits, offset + 1):
        marks = "  [redaction]" * (hit.redaction is not None)
        marks += "".join(f"  [{flag_words(flag)}]" for flag in hit.flags)
        yield f"{number}. {plain(hit.title) or '(no title)'}{marks}"
        yield f"   {hit.item}  {hit.locator}  in {plain(hit.compartment)}"
        yield f"   {HIDDEN if hit.flags and not flagged else _bold(hit.snippet)}"
    for name, counts in found.facets.items():
        yield f"{name}:" if counts else f"{name}: none"
        yield from (f"   {count:>6}  {plain(value)}" for value, count in _by_count(counts))


def _by_count(counts: dict[str, int]) -> list[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))


def _bold(snippet: Snippet) -> str:
    parts = [(" ".join(plain(text).split("\n")), match) for text, match in snippet.parts]
    return _joined([click.style(text, bold=True) if match else text for text, match in parts], snippet)


def _joined(parts: list[str], snippet: Snippet) -> str:
    return "…" * snippet.cut_before + "".join(parts) + "…" * snippet.cut_after
