"""The line to an archive: requests that are sent again when it breaks, and answers that have a limit.

HTTPS with the system's certificates; no redirection is followed.
"""

import http.client
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Final, Self

from archive.cli.addresses import Address
from archive.errors import AccessError, CustodyError, FixityError, IntakeError, SviedkaError

#: What the archive says of a refusal beside its words, which are in the reader's language.
OUTCOME_HEADER: Final = "Sviedka-Outcome"
#: Waits before the further attempts, in seconds.
WAITS: Final = (0.2, 0.5, 1, 2, 5, 10, 20)
CHUNK_BYTES: Final = 256 << 10
TIMEOUT_SECONDS: Final = 120

_CODE: Final = re.compile(r"[ACFI][0-9]{2}", re.ASCII)
_KINDS: Final[Mapping[str, type[SviedkaError]]] = {"A": AccessError, "C": CustodyError, "I": IntakeError}
_SAID: Final = {
    "A65": "others are reading the archive at this moment; try again later",
    "A67": "you have no right to audit there, or it is over",
    "A88": "your clock and the archive's differ too much",
    "C36": "you saw another log than the one that is served there",
    "C62": "your key is not the one in force there: export your key file again",
}
_FINE: Final = (http.client.OK, http.client.CREATED, http.client.PARTIAL_CONTENT)
_BUSY: Final = http.client.SERVICE_UNAVAILABLE

#: Signs a request: method and path to the value of its Authorization header.
Sign = Callable[[str, str], str]


class Ended(Exception):
    """The line is lost, or the archive refuses: no fault of what is audited, so the audit does not go on."""

    def __init__(self, fault: SviedkaError) -> None:
        super().__init__(str(fault))
        self.fault = fault


class Line:
    """Connections to one address, one for each thread that asks. Close it, or use it in a `with` block.

    Its methods raise `Ended` with I17 where the line stays cut, I20 where something else than an archive
    answers, and that for which the archive refuses; a FixityError for what the archive lacks itself.
    """

    def __init__(self, to: Address, *, pause: Callable[[float], None] = time.sleep) -> None:
        self._to = to
        self._pause = pause
        self._own = threading.local()
        self._opened: list[http.client.HTTPConnection] = []

    def get(self, path: str, *, most_bytes: int, sign: Sign | None = None) -> bytes:
        """Return an answer; raise C38 where it is longer than it can be."""
        for pause in (*WAITS, None):
            try:
                data = self._ask("GET", path, sign=sign).read(most_bytes + 1)
            except (OSError, http.client.HTTPException):
                self._drop(pause)
                continue
            if len(data) > most_bytes:
                self._drop(0)
                raise CustodyError("C38", "the mirror sends too much", expected=f"at most {most_bytes} bytes")
            return data
        raise AssertionError

    def stream(self, path: str, sign: Sign, *, resumable: bool = False) -> Iterator[bytes]:
        """Yield an answer in chunks. Where the line is cut it goes on there, if the answer is `resumable`."""
        done, waits = 0, iter((*WAITS, None))
        while True:
            try:
                answer = self._ask("GET", path, sign=sign, start=done)
                while chunk := answer.read(CHUNK_BYTES):
                    done += len(chunk)
                    yield chunk
                    waits = iter((*WAITS, None))
            except (OSError, http.client.HTTPException):
                self._drop(next(waits) if resumable or not done else None)
            else:
                return

    def post(self, path: str, data: bytes) -> bytes:
        """Send an entry once; whether it was taken when the line is cut meanwhile, nobody knows."""
        try:
            return self._ask("POST", path, data=data).read(CHUNK_BYTES)
        except (OSError, http.client.HTTPException):
            self._drop(None)
            raise AssertionError from None

    def _ask(
        self, method: str, path: str, *, sign: Sign | None = None, data: bytes | None = None, start: int = 0
    ) -> http.client.HTTPResponse:
        """Send a request, waiting while the archive is busy; return an answer that is fine, nothing read."""
        for pause in (*WAITS, None):
            headers = {"Authorization": sign(method, path)} if sign else {}
            if start:
                headers["Range"] = f"bytes={start}-"
            line = self._line()
            line.request(method, self._to.path + path, data, headers)
            answer = line.getresponse()
            if answer.status in _FINE and (answer.status == http.client.PARTIAL_CONTENT) == bool(start):
                return answer
            answer.read(CHUNK_BYTES)
            self._drop(0)
            if answer.status != _BUSY or pause is None:
                raise _refusal(answer)
            self._pause(pause)
        raise AssertionError

    def _line(self) -> http.client.HTTPConnection:
        kept: http.client.HTTPConnection | None = getattr(self._own, "line", None)
        if kept is None:
            kept = self._own.line = self._to.line(TIMEOUT_SECONDS)
            self._opened.append(kept)
        return kept

    def _drop(self, pause: float | None) -> None:
        """Close this thread's connection and wait before the next; raise what ends it where there is none."""
        kept = self._own.__dict__.pop("line", None)
        if kept is not None:
            kept.close()
        if pause is None:
            raise Ended(IntakeError("I17", "the line was cut, or nobody answers; ask again: it goes on"))
        if pause:
            self._pause(pause)

    def close(self) -> None:
        """Close all connections."""
        for line in self._opened:
            line.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_fault: object) -> None:
        self.close()


def _refusal(answer: http.client.HTTPResponse) -> Exception:
    """Return what an answer that is not fine means."""
    code = answer.headers.get(OUTCOME_HEADER, "")
    if not _CODE.fullmatch(code):
        what = f"HTTP status {answer.status}"
        return Ended(IntakeError("I20", "no archive answers there as it should", found=what))
    if code == "C30" or code[0] == "F":
        return FixityError(code if code[0] == "F" else "F50", "the archive itself lacks it")
    said = _SAID.get(code, "it refuses")
    return Ended(_KINDS[code[0]](code, f"the archive says: {said}"))
