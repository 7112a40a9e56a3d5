"""Taking lines of a defence out, in this process or in another, to see that an attack then succeeds.

Each line must stand exactly once in its function, as it stands in the source: whoever changes the defence has to
say anew what it is.
"""

import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import reduce
from types import CodeType, FunctionType


@dataclass(frozen=True, slots=True)
class Defence:
    """A line of the function `where` (`module:name` or `module:Class.name`), and what stands there without it."""

    where: str
    line: str
    instead: str


def take_out(*defences: Defence) -> list[tuple[FunctionType, CodeType]]:
    """Let everybody who calls the functions call them without the lines; return what they were."""
    taken = []
    for where in dict.fromkeys(one.where for one in defences):
        function = _function(where)
        source = _source_without(function, [one for one in defences if one.where == where])
        made: dict[str, Callable[..., object]] = {}
        exec(compile(source, where, "exec"), function.__globals__, made)
        taken.append((function, function.__code__))
        function.__code__ = _bare(made[function.__name__]).__code__
    return taken


@contextmanager
def without(*defences: Defence) -> Iterator[None]:
    """Take lines out in this process, while inside."""
    taken = take_out(*defences)
    try:
        yield
    finally:
        for function, code in taken:
            function.__code__ = code


def prelude(defences: Sequence[Defence]) -> str:
    """Return what another process, which finds this module, runs first."""
    return f"from defences import Defence, take_out\ntake_out(*{list(defences)!r})\n" if defences else ""


def _source_without(function: FunctionType, defences: Sequence[Defence]) -> str:
    source = textwrap.dedent(inspect.getsource(function))
    for one in defences:
        assert source.count(one.line) == 1, f"{one.where} no longer has the line {one.line!r}"
        source = source.replace(one.line, one.instead)
    return source


def _function(where: str) -> FunctionType:
    module, _, name = where.partition(":")
    return _bare(reduce(getattr, name.split("."), importlib.import_module(module)))


def _bare(function: object) -> FunctionType:
    bare = inspect.unwrap(getattr(function, "__func__", function))
    assert isinstance(bare, FunctionType)
    return bare
