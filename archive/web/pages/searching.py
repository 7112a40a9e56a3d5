"""Searching. The query travels in the body of a POST, never in an address."""

from collections.abc import Sequence

from flask import Response, make_response, render_template, request

from archive.access.keyring import keyring
from archive.errors import SearchError
from archive.events import format_moment
from archive.nouns import Action, Role
from archive.policy import Allowed, Request, decide
from archive.web.door import archive, door, sitting
from archive.web.faults import column_of, status_of, words_for
from archive.web.gate import signed_in
from archive.web.languages import CONTENT_NAMES
from archive.web.languages import translate as _
from search.disclosure import Found, find
from search.retrieval import Page

PAGE_HITS = 10
MOST_VALUES = 8
FACETS = ("perpetrator", "institution", "place", "language")

_READERS = (Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN)


@signed_in(*_READERS)
def ask_search() -> str:
    """Show the form for a search."""
    return _page("")


@signed_in(*_READERS)
def search() -> str | Response:
    """Search, and show a page of hits with the ways to narrow them down."""
    query = _narrowed(request.form.get("query", "").strip(), request.form.get("narrow", ""))
    label = request.form.get("compartment", "")
    offset = _number(request.form.get("offset", ""))
    try:
        found = find(
            door().library,
            sitting(),
            query,
            labels=[label] if label else [],
            page=Page(limit=PAGE_HITS, offset=offset, facets=FACETS),
        )
    except SearchError as fault:
        return make_response(
            _page(query, label=label, fault=words_for(fault), column=column_of(fault)), status_of(fault)
        )
    return _page(query, label=label, found=found, offset=offset)


def _page(
    query: str,
    *,
    label: str = "",
    found: Found | None = None,
    offset: int = 0,
    fault: str = "",
    column: int | None = None,
) -> str:
    return render_template(
        "search.html",
        query=query,
        label=label,
        labels=_readable(),
        found=found,
        first=offset + 1,
        last=offset + (len(found.hits) if found else 0),
        before=max(0, offset - PAGE_HITS),
        offset=offset,
        after=offset + PAGE_HITS,
        facets=_facets(found),
        fault=fault,
        column=column,
        examples=_examples(),
    )


def _readable() -> list[str]:
    """Return the labels of what one may read now, for the purpose of the sitting."""
    now, ledger, me = format_moment(archive().clock()), archive().ledger(), sitting()
    return sorted(
        held.label
        for held in keyring(archive(), me).values()
        if isinstance(decide(ledger, Request(me.id, Action.READ, held.compartment, now, me.purpose)), Allowed)
    )


def _facets(found: Found | None) -> list[tuple[str, list[tuple[str, int, str]]]]:
    """Return each facet's values: how it is shown, how often it is found, and what narrows down to it."""
    if found is None:
        return []
    return [
        (name, [(_shown(name, value), count, _term(name, value)) for value, count in counts])
        for name in FACETS
        if (counts := _most(found.facets.get(name, {})))
    ]


def _most(counts: dict[str, int]) -> Sequence[tuple[str, int]]:
    return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:MOST_VALUES]


def _shown(name: str, value: str) -> str:
    return CONTENT_NAMES.get(value, value) if name == "language" else value


def _term(name: str, value: str) -> str:
    """Write the value of a facet as a part of a query."""
    plain = " ".join(value.translate(str.maketrans('"“”„‟«»*', "        ")).split())
    return f'{name}:"{plain}"'


def _narrowed(query: str, more: str) -> str:
    """Join a query and what is to narrow it down."""
    if not more:
        return query
    return f"({query}) AND {more}" if query else more


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0


def _examples() -> list[tuple[str, str]]:
    return [
        ("дубінка", _("One word, in all its forms.")),
        ('"следственный изолятор"', _("Words that stand together.")),
        ('perpetrator:"Siarhiej Piatrouski"', _("A name, under every spelling and in every script.")),
        ("institution:ГУБОПиК", _("An institution, under all its names and abbreviations.")),
        ("under:МВД", _("An institution with everything that is subordinate to it.")),
        ("place:Акрэсціна date:[2020-08 TO 2020-09]", _("A place and a time.")),
        ("(сведка OR свидетель) NOT суд", _("One of several words, without another.")),
        ("избит*", _("Every word with this beginning.")),
    ]
