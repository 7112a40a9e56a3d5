"""ASCII armour of age files: RFC 7468 in its strict form, with the label `AGE ENCRYPTED FILE`.

White space before and after is tolerated, and either LF or CRLF for the line ends; nothing else is.
"""

import re

from archive.codec import b64, unb64
from archive.errors import IntakeError
from keys.errors import ArmourError

_BEGIN = b"-----BEGIN AGE ENCRYPTED FILE-----"
_END = b"-----END AGE ENCRYPTED FILE-----"
_LINE_CHARS = 64
_LINE = re.compile(rb"[A-Za-z0-9+/=]{1,64}")


def armour(age_file: bytes) -> bytes:
    """Return the file as text that survives e-mail."""
    text = b64(age_file).encode()
    lines = [text[at : at + _LINE_CHARS] for at in range(0, len(text), _LINE_CHARS)]
    return b"\n".join([_BEGIN, *lines, _END, b""])


def unarmour(text: bytes) -> bytes:
    """Return the age file inside; refuse any spelling but the canonical one (K11)."""
    lines = text.strip(b" \t\r\n").replace(b"\r\n", b"\n").split(b"\n")
    if lines[0] != _BEGIN or lines[-1] != _END:
        raise ArmourError("K11", "armour lacks its first or last line")
    body = lines[1:-1]
    if not all(_LINE.fullmatch(line) for line in body):
        raise ArmourError("K11", "armour holds a line that is not base64 of 1 to 64 characters")
    if any(len(line) != _LINE_CHARS for line in body[:-1]):
        raise ArmourError("K11", "armour holds a short line before its last", expected=_LINE_CHARS)
    try:
        return unb64(b"".join(body).decode())
    except IntakeError:
        raise ArmourError("K11", "armour holds base64 that is not canonical") from None
