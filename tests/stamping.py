"""An authority for timestamps of one's own: certificates made here, timestamps by `openssl ts`, an HTTP server.

`openssl` is a program of others that knows the standard: it makes the timestamps, and it checks ours.
"""

import shutil
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.ec import (
    SECP256R1,
    EllipticCurvePrivateKey,
    generate_private_key,
)
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

OPENSSL = shutil.which("openssl")

CONFIG = """
[tsa]
default_tsa = authority
[authority]
serial = {place}/serial
signer_cert = {place}/signer.pem
signer_key = {place}/signer.key
certs = {place}/root.pem
default_policy = 1.2.3.4.1
digests = sha256, sha512
signer_digest = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""
DAY = timedelta(days=1)


def key() -> EllipticCurvePrivateKey:
    return generate_private_key(SECP256R1())


def certificate(
    name, subject_key, issuer, issuer_key, *, serial=7, authority=False, purpose=True, days=(-1, 3650)
):
    """A certificate; `days` are its first and last, counted from now."""
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]))
        .issuer_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, issuer)]))
        .public_key(subject_key.public_key())
        .serial_number(serial)
        .not_valid_before(now + days[0] * DAY)
        .not_valid_after(now + days[1] * DAY)
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
    )
    if purpose and not authority:
        usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING])
        builder = builder.add_extension(usage, critical=True)
    return builder.sign(issuer_key, SHA256())


def pem(*certificates) -> bytes:
    return b"".join(one.public_bytes(Encoding.PEM) for one in certificates)


@dataclass
class Authority:
    """An authority for timestamps in a folder. Two with the same names differ in their keys only."""

    place: Path
    #: The root's name is long: what `openssl` puts into a timestamp must come in the order of DER.
    root_name: str = "The root of all the time that there is, and ever will be"
    days: tuple[int, int] = (-1, 3650)
    root_key: EllipticCurvePrivateKey = field(default_factory=key)
    signer_key: EllipticCurvePrivateKey = field(default_factory=key)

    def __post_init__(self):
        self.place.mkdir(parents=True)
        self.root = certificate(
            self.root_name, self.root_key, self.root_name, self.root_key, authority=True, serial=1
        )
        self.signer = self.signing()
        (self.place / "root.pem").write_bytes(pem(self.root))
        (self.place / "serial").write_text("01\n")
        (self.place / "ts.cnf").write_text(CONFIG.format(place=self.place))
        self.install(self.signer)

    def signing(self, **settings):
        """A certificate of the signer's key, under this root."""
        settings = {"days": self.days, **settings}
        return certificate("Time", self.signer_key, self.root_name, self.root_key, **settings)

    def install(self, signer) -> None:
        """Sign with this certificate from now on."""
        private = self.signer_key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        (self.place / "signer.key").write_bytes(private)
        (self.place / "signer.pem").write_bytes(pem(signer))
        self.signer = signer

    @property
    def pins(self) -> bytes:
        return pem(self.signer, self.root)

    @property
    def file(self) -> Path:
        """A file of what is to be pinned."""
        path = self.place / "pins.pem"
        path.write_bytes(self.pins)
        return path

    def answer(self, request: bytes) -> bytes:
        """Answer a request, as the authority's server does."""
        query, reply = self.place / "query", self.place / "reply"
        query.write_bytes(request)
        words = ["ts", "-reply", "-config", self.place / "ts.cnf", "-queryfile", query, "-out", reply]
        openssl(*words)
        return reply.read_bytes()


def openssl(*words: object) -> subprocess.CompletedProcess:
    """Run `openssl`; fails when it does."""
    command = [str(OPENSSL), *map(str, words)]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done


@dataclass
class Server:
    """A server on this computer: `asked` counts, `fails` says how often it answers with an error first."""

    authority: Authority
    url: str = ""
    asked: int = 0
    fails: int = 0
    say: bytes | None = None


@contextmanager
def serving(authority: Authority) -> Iterator[Server]:
    """Run the authority's server while inside."""
    server = Server(authority)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            server.asked += 1
            body = self.rfile.read(int(self.headers["Content-Length"]))
            if server.fails:
                server.fails -= 1
                self.send_error(503)
                return
            good = self.headers["Content-Type"] == "application/timestamp-query"
            answer = server.say if server.say is not None else server.authority.answer(body)
            self.send_response(200 if good else 415)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *_words):
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listening:
        server.url = f"http://127.0.0.1:{listening.server_port}/tsr"
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.02})
        thread.start()
        try:
            yield server
        finally:
            listening.shutdown()
            thread.join()
