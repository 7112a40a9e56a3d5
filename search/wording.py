"""How this archive reads words: the analysis of texts and of names together, as the engines want it."""

from search.analysis import Analyser
from search.names import NameReader


class Wording:
    """Implements `search.engines.port.Analysis`. Holds caches that are not shared: one object per index."""

    def __init__(self) -> None:
        self.analyser = Analyser()
        self._names = NameReader()

    def words(self, text: str) -> list[str]:
        """Cut a text into its words, folded but not stemmed."""
        return self.analyser.words(text)

    def analyse(self, text: str, language: str | None) -> list[str]:
        """Return one stem for each word."""
        return self.analyser.analyse(text, language)

    def query_stems(self, word: str) -> tuple[str, ...]:
        """Return the stems a query's word may have."""
        return self.analyser.query_stems(word)

    def name_keys(self, word: str) -> tuple[str, ...]:
        """Return the phonetic keys of one word of a name."""
        return self._names.name_keys(word)
