"""Engines with nothing around them: their own tokenizers, one field, no seal, no permission, no event.

Each indexes the passages in commits of its own liking and answers a question with ten keys, best first.
"""

import sqlite3
import time
from collections.abc import Callable
from pathlib import Path

import tantivy
from whoosh import fields, index, query
from whoosh.analysis import StemmingAnalyzer

from bench.searching.hearings import Question

HITS = 10
COMMIT = 5_000

Passages = list[tuple[str, str]]
Ask = Callable[[Question], int]


def bare_tantivy(passages: Passages, folder: Path) -> tuple[float, Ask]:
    """Index with tantivy's English stemmer; return the seconds it took and how to ask."""
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("text", tokenizer_name="en_stem")
    builder.add_text_field("key", stored=True, tokenizer_name="raw")
    schema = builder.build()
    opened = tantivy.Index(schema, path=str(folder))
    started = time.perf_counter()
    for first in range(0, len(passages), COMMIT):
        writer = opened.writer(64_000_000, 1)
        for key, text in passages[first : first + COMMIT]:
            writer.add_document(tantivy.Document(text=text, key=key))
        writer.commit()
        writer.wait_merging_threads()
    elapsed = time.perf_counter() - started
    opened.reload()
    searcher = opened.searcher()

    def ask(question: Question) -> int:
        if question.shape == "prefix":
            asked = tantivy.Query.regex_query(schema, "text", f"{question.words[0]}.*")
        else:
            asked = opened.parse_query(_tantivy_syntax(question), ["text"])
        hits = searcher.search(asked, HITS).hits
        return len([searcher.doc(address).get_first("key") for _, address in hits])

    return elapsed, ask


def _tantivy_syntax(question: Question) -> str:
    if question.shape == "phrase":
        return f'"{" ".join(question.words)}"'
    return " ".join(f"+{word}" if question.shape == "all" else word for word in question.words)


def bare_whoosh(passages: Passages, folder: Path) -> tuple[float, Ask]:
    """Index with Whoosh's stemming analyser; return the seconds it took and how to ask."""
    analyser = StemmingAnalyzer()
    schema = fields.Schema(text=fields.TEXT(analyzer=analyser, phrase=True), key=fields.STORED)
    opened = index.create_in(str(folder), schema)
    started = time.perf_counter()
    for first in range(0, len(passages), COMMIT):
        writer = opened.writer(limitmb=64)
        for key, text in passages[first : first + COMMIT]:
            writer.add_document(text=text, key=key)
        writer.commit()
    elapsed = time.perf_counter() - started
    searcher = opened.searcher()

    def ask(question: Question) -> int:
        if question.shape == "prefix":
            asked = query.Prefix("text", question.words[0])
        else:
            words = [token.text for word in question.words for token in analyser(word)]
            leaves = [query.Term("text", word) for word in words]
            shapes = {"phrase": lambda: query.Phrase("text", words), "any": lambda: query.Or(leaves)}
            asked = shapes.get(question.shape or "", lambda: query.And(leaves))()
        return len([hit["key"] for hit in searcher.search(asked, limit=HITS)])

    return elapsed, ask


def bare_fts5(passages: Passages, folder: Path) -> tuple[float, Ask]:
    """Index with SQLite's Porter stemmer; return the seconds it took and how to ask."""
    opened = sqlite3.connect(folder / "fts5.sqlite")
    opened.execute("PRAGMA journal_mode = WAL")
    opened.execute("CREATE VIRTUAL TABLE passages USING fts5(key UNINDEXED, text, tokenize='porter')")
    started = time.perf_counter()
    for first in range(0, len(passages), COMMIT):
        with opened:
            opened.executemany("INSERT INTO passages VALUES (?, ?)", passages[first : first + COMMIT])
    elapsed = time.perf_counter() - started

    def ask(question: Question) -> int:
        found = opened.execute(
            "SELECT key FROM passages WHERE text MATCH ? ORDER BY rank LIMIT ?",
            (_fts5_syntax(question), HITS),
        )
        return len(found.fetchall())

    return elapsed, ask


def _fts5_syntax(question: Question) -> str:
    quoted = [f'"{word}"' for word in question.words]
    match question.shape:
        case "phrase":
            return f'"{" ".join(question.words)}"'
        case "prefix":
            return f"{quoted[0]} *"
        case "any":
            return " OR ".join(quoted)
        case _:
            return " AND ".join(quoted)
