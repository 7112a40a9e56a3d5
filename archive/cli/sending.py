"""Sending a pack to the public page of an archive, as a browser would: one form, one answer.

Where to, and how it is encrypted on the way, is `archive.cli.addresses`.
"""

import http.client
import os
import re
from collections.abc import Callable, Iterator
from http.cookies import CookieError, SimpleCookie
from typing import BinaryIO, Final

from archive.cli.addresses import Address, parse_address
from archive.errors import CustodyError, FixityError, IntakeError, SviedkaError

#: What the page says of a pack beside its words, which are in the reader's language.
OUTCOME_HEADER: Final = "Sviedka-Outcome"
TAKEN: Final = "taken"

_TIMEOUT_SECONDS: Final = 120
_CHUNK_BYTES: Final = 256 << 10
_LARGEST_PAGE_BYTES: Final = 1 << 20
_EDGE: Final = "sviedka-pack-6f1d3a"
_TOKEN: Final = re.compile(rb'name="form" value="([0-9a-f]{64})"')
_REFUSED: Final = {
    "A65": "others are handing in at this moment, or fetching receipts; try again in a while",
    "F02": "there is too little room for this pack",
    "I80": "the upload was cut off, or is too slow; the same pack can be sent again",
    "I86": "the pack holds something else than its manifest says",
    "I89": "another pack with one of its ids was handed in before",
    "I93": "the pack is too large, or something in it is",
    "I94": "it is not a pack, or a damaged one",
    "I95": "the pack was made for another archive, or with a card that is not of this one",
    "I99": "this pack was broken off earlier and is tidied up; try again later",
}


def send(file: BinaryIO, size_bytes: int, address: str, *, on_bytes: Callable[[int], None]) -> None:
    """Send the pack in `file`. Returns when the archive says that it is in custody.

    Raises I16 for an address that is none, or would not be encrypted, I17 where nobody answers or the line
    is cut, I18 where something else than an archive answers, and that for which the archive refuses the pack.
    """
    to = parse_address(address, code="I16", what="an archive")
    try:
        line = to.line(_TIMEOUT_SECONDS)
        try:
            token, cookies = _form(line, to)
            status, outcome = _post(
                line, to, _body(file, token, on_bytes), cookies, _length(token, size_bytes)
            )
        finally:
            line.close()
    except (OSError, http.client.HTTPException) as fault:
        reason = os.strerror(fault.errno).casefold() if isinstance(fault, OSError) and fault.errno else None
        raise IntakeError(
            "I17", "the line was cut, or nobody answers; the same pack can be sent again", found=reason
        ) from None
    if status == http.client.CREATED and outcome == TAKEN:
        return
    raise _refusal(outcome, status)


def _refusal(outcome: str, status: int) -> SviedkaError:
    words = _REFUSED.get(outcome)
    if words is None:
        return IntakeError("I18", "the archive did not take the pack", found=f"HTTP status {status}")
    kind = {"F": FixityError, "C": CustodyError}.get(outcome[0], IntakeError)
    return kind(outcome, f"the archive says: {words}")


def _form(line: http.client.HTTPConnection, to: Address) -> tuple[str, str]:
    """Fetch the form; return its token and the cookies that belong to it."""
    line.request("GET", f"{to.path}/submit")
    answer = line.getresponse()
    page = answer.read(_LARGEST_PAGE_BYTES)
    found = _TOKEN.search(page)
    if answer.status != http.client.OK or found is None:
        raise IntakeError("I18", "no archive answers there", found=f"HTTP status {answer.status}")
    cookies = SimpleCookie()
    for header in answer.headers.get_all("Set-Cookie", []):
        try:
            cookies.load(header)
        except CookieError:
            continue
    return found[1].decode(), "; ".join(f"{name}={one.value}" for name, one in cookies.items())


def _post(
    line: http.client.HTTPConnection, to: Address, body: Iterator[bytes], cookies: str, length: int
) -> tuple[int, str]:
    """Send the form; an answer may come before it is through."""
    headers = {
        "Content-Type": f"multipart/form-data; boundary={_EDGE}",
        "Content-Length": str(length),
        "Cookie": cookies,
    }
    try:
        line.request("POST", f"{to.path}/submit", body, headers)
    except (BrokenPipeError, ConnectionResetError):
        if line.sock is None:
            raise
        line.sock.settimeout(5)
    try:
        answer = line.getresponse()
    except TimeoutError:
        raise ConnectionResetError from None
    answer.read(_LARGEST_PAGE_BYTES)
    return answer.status, answer.headers.get(OUTCOME_HEADER, "")


def _parts(token: str) -> tuple[bytes, bytes]:
    head = (
        f'--{_EDGE}\r\nContent-Disposition: form-data; name="form"\r\n\r\n{token}\r\n'
        f'--{_EDGE}\r\nContent-Disposition: form-data; name="pack"; filename="pack"\r\n'
        "Content-Type: application/octet-stream\r\n\r\n"
    )
    return head.encode(), f"\r\n--{_EDGE}--\r\n".encode()


def _length(token: str, size_bytes: int) -> int:
    head, tail = _parts(token)
    return len(head) + size_bytes + len(tail)


def _body(file: BinaryIO, token: str, on_bytes: Callable[[int], None]) -> Iterator[bytes]:
    head, tail = _parts(token)
    yield head
    file.seek(0)
    while chunk := file.read(_CHUNK_BYTES):
        yield chunk
        on_bytes(len(chunk))
    yield tail
