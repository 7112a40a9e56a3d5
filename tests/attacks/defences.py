"""Taking one line of a defence out, in this process or in another, to see that an attack then succeeds.

The line must stand exactly once in its function, as it stands in the source: whoever changes the defence has to
say anew what it is.
"""

import importlib
import inspect
import textwrap
from collections.abc import Callable, Iterator
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

    def take_out(self) -> CodeType:
        """Let everybody who calls the function call one without the line; return what it was."""
        function = self._function()
        source = textwrap.dedent(inspect.getsource(function))
        assert source.count(self.line) == 1, f"{self.where} no longer has the line {self.line!r}"
        made: dict[str, Callable[..., object]] = {}
        exec(compile(source.replace(self.line, self.instead), self.where, "exec"), function.__globals__, made)
        before = function.__code__
        function.__code__ = _bare(made[function.__name__]).__code__
        return before

    def put_back(self, code: CodeType) -> None:
        self._function().__code__ = code

    def prelude(self) -> str:
        """Return what another process, which finds this module, runs first."""
        return f"from defences import Defence\n{self!r}.take_out()\n"

    def _function(self) -> FunctionType:
        module, _, name = self.where.partition(":")
        return _bare(reduce(getattr, name.split("."), importlib.import_module(module)))


@contextmanager
def without(*defences: Defence) -> Iterator[None]:
    """Take lines out in this process, while inside."""
    taken = [(defence, defence.take_out()) for defence in defences]
    try:
        yield
    finally:
        for defence, code in taken:
            defence.put_back(code)


def _bare(function: object) -> FunctionType:
    bare = inspect.unwrap(getattr(function, "__func__", function))
    assert isinstance(bare, FunctionType)
    return bare
