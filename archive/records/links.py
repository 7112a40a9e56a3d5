"""The fields by which records refer to each other: by identifier alone, or as a source names somebody."""

from typing import Any

from archive.errors import IntakeError
from archive.ids import Id
from archive.records.fields import Line, Strict
from archive.vocabulary import vocabulary


class Ref(Strict):
    """The identifier of another record; `to` names the types it may have."""

    expected = "the identifier of a record"

    def __init__(self, *to: str, **options: Any) -> None:
        self.to = to
        super().__init__(**options)

    def accept(self, value: Any) -> str:
        """Accept an identifier."""
        if not isinstance(value, str) or not is_id(value):
            raise self.refuse()
        return value


class Mention(Strict):
    """Somebody or something as the source names it, as a vocabulary's code, or as a record of ours.

    A bare text is read as an identifier if it is one, then as a code, then as a name.
    """

    expected = "a name, a code, an identifier or an object of name, code and record"

    def __init__(self, *to: str, vocabularies: tuple[str, ...] = (), **options: Any) -> None:
        self.to = to
        self.vocabularies = vocabularies
        super().__init__(**options)

    def accept(self, value: Any) -> dict[str, str]:
        """Return an object with at least one of `name`, `code` and `record`."""
        stated = {self._kind(value): value} if isinstance(value, str) else value
        if not isinstance(stated, dict) or not stated or not {"name", "code", "record"}.issuperset(stated):
            raise self.refuse()
        checks = {"name": Line().accept, "code": self._code, "record": Ref().accept}
        return {part: checks[part](stated[part]) for part in sorted(stated)}

    def _kind(self, text: str) -> str:
        if text.startswith("#") or is_id(text):
            return "record"
        return "code" if any(text in vocabulary(name) for name in self.vocabularies) else "name"

    def _code(self, value: Any) -> str:
        if not isinstance(value, str) or self._kind(value) != "code":
            raise self.refuse()
        return value


def is_id(text: str) -> bool:
    """Tell whether `text` is spelled like an identifier."""
    try:
        Id(text)
    except IntakeError:
        return False
    return True
