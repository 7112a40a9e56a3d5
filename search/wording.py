"""How this archive reads words: the analysis of texts and of names together, as the engines want it."""

from collections.abc import Callable
from functools import lru_cache

from search.analysis import Analyser
from search.names import NameReader

_REMEMBERED = 20_000


class Wording:
    """Implements `search.engines.port.Analysis`. Holds caches that are not shared: one object per index.

    `query_stems(word)` gives the stems a query's word may have, `name_keys(word)` the phonetic keys of one
    word of a name.
    """

    def __init__(self) -> None:
        self.analyser = Analyser()
        # The names of institutions come back with every query that they broaden.
        self.query_stems: Callable[[str], tuple[str, ...]] = lru_cache(_REMEMBERED)(self.analyser.query_stems)
        self.name_keys: Callable[[str], tuple[str, ...]] = lru_cache(_REMEMBERED)(NameReader().name_keys)

    def words(self, text: str) -> list[str]:
        """Cut a text into its words, folded but not stemmed."""
        return self.analyser.words(text)

    def analyse(self, text: str, language: str | None) -> list[str]:
        """Return one stem for each word."""
        return self.analyser.analyse(text, language)
