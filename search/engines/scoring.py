"""BM25 as both engines count it, and what it takes to swap an index's own statistics for summed ones."""

import math

K1 = 1.2
B = 0.75


def idf(frequency: int, documents: int) -> float:
    """Return the inverse document frequency; a frequency above the number of documents counts as all."""
    frequency = min(frequency, documents)
    return math.log1p((documents - frequency + 0.5) / (frequency + 0.5))


def bm25(term_frequency: float, length: float, average_length: float) -> float:
    """Return the part of the score that depends on one document, to be multiplied by the idf."""
    norm = K1 * (1 - B + B * length / max(average_length, 1.0))
    return term_frequency * (K1 + 1) / (term_frequency + norm)
