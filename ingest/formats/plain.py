"""Plain text and tables as text."""

import csv
import io

from ingest.formats.parts import Parsed, grouped, paragraphs, tidy


def read_text(text: str, encoding: str) -> Parsed:
    """Read plain text as paragraphs."""
    return Parsed(tuple(grouped(paragraphs(text), unit="paragraph")), {"encoding": encoding})


def read_table(text: str, encoding: str) -> Parsed:
    """Read a table as rows: cells with the name of their column where the first row names them."""
    try:
        dialect: type[csv.Dialect] = csv.Sniffer().sniff(text[:8192], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    rows = [[tidy(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""), dialect)]
    lines = [" | ".join(cell for cell in row if cell) for row in rows]
    return Parsed(tuple(grouped((line for line in lines if line), unit="row")), {"encoding": encoding})
