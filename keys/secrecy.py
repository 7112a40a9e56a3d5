"""The base of everything that must not leave memory by accident.

A secret shows nothing of itself in text (so none reaches a log or a traceback) and refuses pickling and
copying (so none reaches a queue, a cache or another process). Python cannot wipe memory; nothing here
claims to.
"""

from typing import NoReturn

from archive.errors import KeysError


class Secret:
    """Redacted in text, neither pickled nor copied (raises K24)."""

    __slots__ = ()

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: redacted>"

    def __reduce__(self) -> NoReturn:
        raise KeysError("K24", f"{type(self).__name__} may be neither pickled nor copied")
