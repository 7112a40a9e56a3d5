"""The vocabularies: codes with labels in Belarusian, Russian and English, and the known institutions.

They are data files beside the code (`archive/vocab/*.json`), read once and unchangeable afterwards.
Codes that begin with `mt` are HURIDOCS micro-thesaurus terms (number of the list, then the trimmed code);
codes that begin with `by-` are local. A code is never reused or given another meaning.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Any

from archive.errors import IntakeError

LANGUAGES = ("be", "ru", "en")


@dataclass(frozen=True, slots=True)
class Term:
    """One code and its labels; `within` is the broader term's code."""

    code: str
    labels: Mapping[str, str]
    within: str | None = None


@dataclass(frozen=True, slots=True)
class InstitutionName:
    """One spelling of an institution's name; `kind` is a code of `name-kinds`."""

    text: str
    language: str
    kind: str


@dataclass(frozen=True, slots=True)
class Institution:
    """One institution under all its names; dates are EDTF, other institutions are named by code."""

    code: str
    kind: str
    names: tuple[InstitutionName, ...]
    parent: str | None = None
    predecessors: tuple[str, ...] = ()
    since: str | None = None
    until: str | None = None

    def label(self, language: str) -> str:
        """Return the first official name in `language`, else the first name there is."""
        official = (n.text for n in self.names if n.language == language and n.kind == "official")
        return next(official, self.names[0].text)


@cache
def vocabulary_names() -> tuple[str, ...]:
    """List the vocabularies there are, in alphabetical order."""
    names = (entry.name for entry in files("archive.vocab").iterdir())
    return tuple(sorted(name.removesuffix(".json") for name in names if name.endswith(".json")))


@cache
def vocabulary(name: str) -> Mapping[str, Term]:
    """Return the terms of one vocabulary by code, in the order of its file (raises I15)."""
    if name == "institutions":
        terms = [Term(i.code, {lang: i.label(lang) for lang in LANGUAGES}, i.parent) for i in institutions()]
    else:
        terms = [_term(entry) for entry in _read(name)]
    return MappingProxyType({term.code: term for term in terms})


def label(name: str, code: str, language: str) -> str:
    """Return the label of `code` in `language`, in English where that language has none (raises I15)."""
    term = vocabulary(name).get(code)
    if term is None:
        raise IntakeError("I15", "no such code in the vocabulary", expected=f"a code of {name}")
    return term.labels.get(language, term.labels["en"])


@cache
def institutions() -> tuple[Institution, ...]:
    """Return every known institution, in the order of the file."""
    return tuple(_institution(entry) for entry in _read("institutions"))


@cache
def institution_names(code: str) -> tuple[str, ...]:
    """Return every spelling and abbreviation of one institution, without repetition (raises I15)."""
    for known in institutions():
        if known.code == code:
            return tuple(dict.fromkeys(name.text for name in known.names))
    raise IntakeError("I15", "no such code in the vocabulary", expected="a code of institutions")


def _read(name: str) -> list[dict[str, Any]]:
    if name not in vocabulary_names():
        raise IntakeError("I15", "no such vocabulary", expected=f"one of {', '.join(vocabulary_names())}")
    content = json.loads(files("archive.vocab").joinpath(f"{name}.json").read_text(encoding="utf-8"))
    return list(content["terms"])


def _term(entry: dict[str, str]) -> Term:
    labels = MappingProxyType({language: entry[language] for language in LANGUAGES})
    return Term(entry["code"], labels, entry.get("within"))


def _institution(entry: dict[str, Any]) -> Institution:
    names = (InstitutionName(*spelling) for spelling in entry["names"])
    return Institution(
        code=entry["code"],
        kind=entry["kind"],
        names=tuple(names),
        parent=entry.get("parent"),
        predecessors=tuple(entry.get("predecessors", ())),
        since=entry.get("since"),
        until=entry.get("until"),
    )
