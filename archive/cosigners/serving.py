"""Serving a cosigner over HTTP: `add-checkpoint` and reading, as c2sp.org/tlog-witness@v1.0.0 has it.

Small on purpose. It keeps no record of who asks. What is slow, long or too much at once is cut off before
anything is verified; TLS is for a proxy before it, or an onion service.
"""

import re
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

from archive.add_checkpoint import LARGEST_REQUEST_BYTES, SIZE_TYPE, Declined
from archive.cosigners.answering import Cosigner
from archive.errors import IntakeError, SviedkaError

_TEXT: Final = "text/plain; charset=utf-8"
_SECONDS: Final = 30.0
_AT_ONCE: Final = 32
_CHUNK_BYTES: Final = 16 * 1024
_READING: Final = re.compile(r"/([0-9a-f]{64})/checkpoint")


class CosignerServer(ThreadingHTTPServer):
    """Serves one cosigner. Connections beyond a number at once are closed unheard."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, cosigner: Cosigner, host: str, port: int) -> None:
        self.cosigner = cosigner
        self._room = threading.BoundedSemaphore(_AT_ONCE)
        super().__init__((host, port), _Handler)

    def process_request(self, request: Any, client_address: Any) -> None:
        """Answer in a thread of its own, if there is room for one."""
        if not self._room.acquire(blocking=False):
            self.shutdown_request(request)
            return
        super().process_request(request, client_address)

    def process_request_thread(self, request: Any, client_address: Any) -> None:
        """Answer, and make room again."""
        try:
            super().process_request_thread(request, client_address)
        finally:
            self._room.release()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing of a line that broke: its address would be in the message."""


class _Handler(BaseHTTPRequestHandler):
    """One connection, kept open between requests."""

    server: CosignerServer
    protocol_version = "HTTP/1.1"
    server_version = "cosigner"
    sys_version = ""
    timeout = _SECONDS

    def do_POST(self) -> None:
        """Answer `add-checkpoint`."""
        if not self.path.endswith("/add-checkpoint"):
            self._answer(HTTPStatus.NOT_FOUND, b"no such page\n", close=True)
            return
        body = self._body()
        if body is None:
            return
        try:
            self._answer(HTTPStatus.OK, self.server.cosigner.add_checkpoint(body))
        except Declined as declined:
            self._decline(declined)
        except IntakeError as fault:
            self._answer(HTTPStatus.BAD_REQUEST, f"{fault} [{fault.code}]\n".encode())
        except SviedkaError as fault:
            self._answer(
                HTTPStatus.INTERNAL_SERVER_ERROR, f"the cosigner itself fails [{fault.code}]\n".encode()
            )

    def do_GET(self) -> None:
        """Answer with the newest checkpoint that was cosigned of a log."""
        asked = _READING.search(self.path)
        try:
            known = self.server.cosigner.files.by_name(asked[1]) if asked else None
        except SviedkaError as fault:
            self._answer(
                HTTPStatus.INTERNAL_SERVER_ERROR, f"the cosigner itself fails [{fault.code}]\n".encode()
            )
            return
        if known is None or known.note is None:
            self._answer(HTTPStatus.NOT_FOUND, b"nothing was cosigned of such a log\n")
        else:
            self._answer(HTTPStatus.OK, known.note)

    def log_message(self, format: str, *args: Any) -> None:
        """Keep no record of requests."""

    def _decline(self, declined: Declined) -> None:
        if declined.size is not None:
            self._answer(HTTPStatus(declined.status), b"%d\n" % declined.size, kind=SIZE_TYPE)
        else:
            self._answer(HTTPStatus(declined.status), f"{declined} [{declined.code}]\n".encode())

    def _body(self) -> bytes | None:
        """Read what was sent, within limits; answer and return None where it is beyond them."""
        length = self.headers.get("Content-Length", "")
        if not (length.isascii() and length.isdigit() and len(length) < 10):
            self._answer(HTTPStatus.LENGTH_REQUIRED, b"how long is the request?\n", close=True)
            return None
        if int(length) > LARGEST_REQUEST_BYTES:
            self._answer(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, b"too long\n", close=True)
            return None
        body = self._read(int(length))
        if len(body) < int(length):
            self.close_connection = True
            return None
        return body

    def _read(self, length: int) -> bytes:
        """Read so many bytes, or fewer when the line is slow as a whole."""
        deadline, parts, left = time.monotonic() + _SECONDS, [], length
        while left and time.monotonic() < deadline:
            part = self.rfile.read1(min(left, _CHUNK_BYTES))
            if not part:
                break
            parts.append(part)
            left -= len(part)
        return b"".join(parts)

    def _answer(self, status: HTTPStatus, body: bytes, *, kind: str = _TEXT, close: bool = False) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        if close:
            self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(body)
