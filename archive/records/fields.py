"""The strict marshmallow fields of which records are made.

Each says in `expected` what it wants; that text is the whole of its error message, so that no message can
carry a value. Every field returns the one canonical spelling of what it accepts, as plain JSON values.
"""

import re
import unicodedata
from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Any, ClassVar

from marshmallow import ValidationError, fields

from archive.errors import IntakeError
from archive.records.dates import date_bounds
from archive.vocabulary import vocabulary

LONGEST_LIST = 1000
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")


class Strict(fields.Field[Any], ABC):
    """A field whose every error message is what it expected."""

    expected: ClassVar[str]

    def __init__(self, **options: Any) -> None:
        options.setdefault("error_messages", {"required": self.expected, "null": self.expected})
        super().__init__(**options)

    def refuse(self) -> ValidationError:
        """Make the one error this field raises."""
        return ValidationError(self.expected)

    def _deserialize(self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **_: Any) -> Any:
        del attr, data
        return self.accept(value)

    @abstractmethod
    def accept(self, value: Any) -> Any:
        """Return the canonical spelling of `value` or raise `refuse()`."""


class Text(Strict):
    """Prose of several lines: NFC, one kind of line end, no control characters, no blank ends."""

    expected = "non-empty text of at most 100000 characters"
    longest: ClassVar[int] = 100_000

    def accept(self, value: Any) -> str:
        """Normalise text; refuse what is empty, too long or holds control characters."""
        if not isinstance(value, str):
            raise self.refuse()
        text = unicodedata.normalize("NFC", value.replace("\r\n", "\n")).strip()
        if not text or len(text) > self.longest or _CONTROL.search(text):
            raise self.refuse()
        return text


class Line(Text):
    """One line of text."""

    expected = "one non-empty line of at most 500 characters"
    longest = 500

    def accept(self, value: Any) -> str:
        """Normalise one line."""
        text = super().accept(value)
        if "\n" in text or "\t" in text:
            raise self.refuse()
        return text


class Shaped(Line):
    """A line of which a pattern decides."""

    shape: ClassVar[re.Pattern[str]]

    def accept(self, value: Any) -> str:
        """Accept only what fits the pattern."""
        text = super().accept(value)
        if not self.shape.fullmatch(text):
            raise self.refuse()
        return text


class Language(Shaped):
    """A BCP 47 tag as far as we need it. `by` is refused: it is the country's code."""

    expected = "a language tag such as be, ru, be-Latn or be-tarask"
    shape = re.compile(r"(?!by\b)[a-z]{2,3}(-[A-Z][a-z]{3})?(-[A-Z]{2})?(-([a-z]{5,8}|[0-9][a-z0-9]{3,7}))?")


class Script(Shaped):
    """An ISO 15924 code."""

    expected = "a script code such as Cyrl or Latn"
    shape = re.compile(r"[A-Z][a-z]{3}")


class Country(Shaped):
    """An ISO 3166-1 code."""

    expected = "a country code of two capital letters such as BY"
    shape = re.compile(r"[A-Z]{2}")


class Degrees(Shaped):
    """Degrees of latitude or longitude, as text because canonical JSON has no fractions."""

    expected = "degrees as text, such as 53.9006"
    shape = re.compile(r"-?(0|[1-9][0-9]{0,2})(\.[0-9]{1,7})?")

    def accept(self, value: Any) -> str:
        """Accept what lies within a circle."""
        text = super().accept(value)
        if abs(float(text)) > 180:
            raise self.refuse()
        return text


class Whole(Strict):
    """A whole number from zero on."""

    expected = "a whole number from 0 to 1000000000"

    def accept(self, value: Any) -> int:
        """Accept integers, not booleans that pass for them."""
        if type(value) is not int or not 0 <= value <= 1_000_000_000:
            raise self.refuse()
        return value


class Flag(Strict):
    """Yes or no."""

    expected = "true or false"

    def accept(self, value: Any) -> bool:
        """Accept the two JSON values only."""
        if not isinstance(value, bool):
            raise self.refuse()
        return value


class Code(Strict):
    """A code of one vocabulary."""

    expected = "a code of its vocabulary"

    def __init__(self, vocabulary_name: str, **options: Any) -> None:
        self.vocabulary_name = vocabulary_name
        wanted = f"a code of the vocabulary {vocabulary_name}"
        super().__init__(error_messages={"required": wanted, "null": wanted}, **options)

    def accept(self, value: Any) -> str:
        """Accept a code that the vocabulary has."""
        if not isinstance(value, str) or value not in vocabulary(self.vocabulary_name):
            raise ValidationError(f"a code of the vocabulary {self.vocabulary_name}")
        return value


class Edtf(Strict):
    """A date: EDTF, and the source's own wording where it is known."""

    expected = "a date in EDTF such as 1937~ or 2020-08-XX"
    members: ClassVar[frozenset[str]] = frozenset({"edtf", "as_written"})

    def accept(self, value: Any) -> dict[str, str]:
        """Accept bare EDTF or `{"edtf": …, "as_written": …}`; return the latter."""
        stated = {"edtf": value} if isinstance(value, str) else value
        if not isinstance(stated, dict) or not self.members.issuperset(stated):
            raise self.refuse()
        date = {"edtf": self._checked(stated.get("edtf"))}
        if "as_written" in stated:
            date["as_written"] = Line().accept(stated["as_written"])
        return date

    def _checked(self, edtf: Any) -> str:
        try:
            date_bounds(edtf if isinstance(edtf, str) else "")
        except IntakeError:
            raise self.refuse() from None
        return str(edtf)


class Listing(fields.List[Any]):
    """A list; one that is empty says the same as none and is left out by the schema."""

    def __init__(self, inner: fields.Field[Any], **options: Any) -> None:
        wanted = f"a list of at most {LONGEST_LIST}"
        super().__init__(
            inner, error_messages=dict.fromkeys(("required", "null", "invalid"), wanted), **options
        )

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) > LONGEST_LIST:
            raise self.make_error("invalid")
        return super()._deserialize(value, *args, **options)


class Codes(Listing):
    """A set of codes, kept sorted and without repetition."""

    def __init__(self, vocabulary_name: str, **options: Any) -> None:
        super().__init__(Code(vocabulary_name), **options)

    def _deserialize(self, value: Any, *args: Any, **options: Any) -> list[Any]:
        return sorted(set(super()._deserialize(value, *args, **options)))
