"""Writes RTF, HTML and e-mail from plain text, as word processors and mail programs would."""

from collections.abc import Callable
from email.message import EmailMessage
from html import escape

_HEADERS = ("From", "To", "Date", "Subject")


def write_rtf(text: str) -> bytes:
    """Return an RTF document; what is not ASCII becomes `\\uN?` escapes."""
    body = "\\par\n".join("".join(map(_rtf_letter, line)) for line in text.splitlines())
    head = "{\\rtf1\\ansi\\ansicpg1251\\uc1\\deff0{\\fonttbl{\\f0 Times New Roman;}}\\f0\\fs24\n"
    return f"{head}{body}\\par\n}}\n".encode("ascii")


def write_html(text: str) -> bytes:
    """Return a web page: the first line is its heading, every other line that is not blank a paragraph."""
    title, *lines = [escape(line) for line in text.splitlines() if line.strip()]
    paragraphs = "\n".join(f"<p>{line}</p>" for line in lines)
    head = f'<!DOCTYPE html>\n<html><head><meta charset="utf-8"><title>{title}</title></head>'
    return f"{head}\n<body>\n<h1>{title}</h1>\n{paragraphs}\n</body></html>\n".encode()


def write_eml(text: str, attach: Callable[[str], bytes]) -> bytes:
    """Return an e-mail. Above the first blank line stand headers; `Attachment: source | name` adds a file.

    `attach` returns the bytes of the Word document made of a source.
    """
    head, _, body = text.partition("\n\n")
    headers = dict(line.split(": ", 1) for line in head.splitlines())
    message = EmailMessage()
    for name in _HEADERS:
        message[name] = headers[name]
    message.set_content(body, cte="base64")
    if "Attachment" in headers:
        source, name = headers["Attachment"].split(" | ")
        subtype = "vnd.openxmlformats-officedocument.wordprocessingml.document"
        message.add_attachment(attach(source), "application", subtype, filename=name)
        # Chosen at random otherwise, and the same dossier must give the same bytes.
        message.set_boundary("=_part_of_the_demo_dossier")
    return message.as_bytes()


def _rtf_letter(letter: str) -> str:
    if letter in "\\{}":
        return f"\\{letter}"
    if letter.isascii():
        return letter
    units = letter.encode("utf-16-le")
    numbers = (int.from_bytes(units[n : n + 2], "little", signed=True) for n in range(0, len(units), 2))
    return "".join(f"\\u{number}?" for number in numbers)
