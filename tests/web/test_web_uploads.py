"""Multipart bodies, read as they arrive."""

import io
import socket

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge

from archive.errors import IntakeError
from archive.web import uploads
from archive.web.downloads import disposition
from archive.web.uploads import LARGEST_FORM_BYTES, Parts

EDGE = "----edge"


class Trickle(io.RawIOBase):
    """A line that yields its bytes in pieces of the sizes given, over and over."""

    def __init__(self, data, sizes):
        self._data = io.BytesIO(data)
        self._sizes = sizes
        self._turn = 0

    def read(self, size=-1):
        self._turn += 1
        return self._data.read(min(size, self._sizes[self._turn % len(self._sizes)]))


def body(*parts):
    written = b""
    for name, filename, content in parts:
        shown = f'; filename="{filename}"' if filename is not None else ""
        head = f'--{EDGE}\r\nContent-Disposition: form-data; name="{name}"{shown}\r\n\r\n'
        written += head.encode() + content + b"\r\n"
    return written + f"--{EDGE}--\r\n".encode()


def parsed(data, sizes=(65536,)):
    return Parts(Trickle(data, list(sizes)), EDGE.encode())


def whole(upload, size=1 << 20):
    read = b""
    while chunk := upload.read(size):
        assert len(chunk) <= size
        read += chunk
    return read


def read_all(parts):
    parts.fields()
    return [whole(upload) for upload in parts.files()]


@given(
    st.lists(
        st.binary(max_size=2000) | st.sampled_from([b"\r\n", b"--" + EDGE.encode(), b"\n\r\n--"]), max_size=5
    ),
    st.lists(st.integers(1, 700), min_size=1, max_size=5),
    st.integers(1, 900),
)
def test_files_arrive_byte_for_byte_however_the_line_cuts_them(contents, sizes, reads):
    contents = [content for content in contents if f"--{EDGE}".encode() not in content]
    data = body(("token", None, b"x"), *(("files", f"{n}.bin", one) for n, one in enumerate(contents)))
    parts = parsed(data, sizes)
    assert parts.fields()["token"] == "x"
    assert [whole(upload, reads) for upload in parts.files()] == contents


def test_fields_are_there_before_any_file_is_read():
    line = Trickle(body(("a", None, b"1"), ("a", None, b"2"), ("f", "x", b"y" * 500_000)), [100])
    parts = Parts(line, EDGE.encode())
    assert parts.fields().getlist("a") == ["1", "2"]
    assert line._data.tell() < 1000


def test_what_is_not_read_of_a_file_is_passed_over():
    parts = parsed(body(("f", "1", b"a" * 100_000), ("f", "2", b"second")))
    parts.fields()
    first, second = ((upload.name, upload.read(6)) for upload in parts.files())
    assert (first, second) == (("1", b"aaaaaa"), ("2", b"second"))


def test_what_stands_before_the_first_delimiter_is_no_part():
    assert read_all(parsed(b"\r\n" + body(("f", "x", b"file")))) == [b"file"]


def test_a_part_without_a_body_may_leave_the_empty_line_out():
    data = body(("f", "x", b""), ("f", "y", b"2")).replace(b'"x"\r\n\r\n\r\n', b'"x"\r\n\r\n')
    assert read_all(parsed(data)) == [b"", b"2"]


def test_an_empty_file_box_is_no_file():
    parts = parsed(body(("token", None, b"x"), ("files", "", b"")))
    parts.fields()
    assert list(parts.files()) == []


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9, 0.999])
def test_a_cut_line_is_noticed(keep):
    data = body(("f", "x", b"z" * 10_000))
    parts = parsed(data[: int(len(data) * keep)])
    with pytest.raises(IntakeError) as refused:
        read_all(parts)
    assert refused.value.code == "I80"


@pytest.mark.parametrize(
    "data",
    [
        body(("f", "x", b"file"), ("late", None, b"field")),
        f"--{EDGE}\r\nno headers\r\n\r\n\r\n--{EDGE}--".encode(),
        f'--{EDGE}\r\nContent-Disposition: form-data; name="\xff"\r\n\r\nx\r\n--{EDGE}--'.encode("latin-1"),
    ],
    ids=["a field behind a file", "no disposition", "not UTF-8"],
)
def test_malformed_bodies_are_refused(data):
    parts = parsed(data)
    with pytest.raises(IntakeError) as refused:
        read_all(parts)
    assert refused.value.code == "I81"


def test_fields_have_a_limit():
    with pytest.raises(RequestEntityTooLarge):
        parsed(body(("a", None, b"x" * (LARGEST_FORM_BYTES + 1)))).fields()
    many = [("a", None, b"x" * 100_000)] * 6
    with pytest.raises(RequestEntityTooLarge):
        parsed(body(*many)).fields()


@pytest.mark.parametrize(
    ("sent", "kept"),
    [("C:\\fakepath\\a.txt", "a.txt"), ("../../etc/passwd", "passwd"), ("сведчанне.pdf", "сведчанне.pdf")],
)
def test_names_come_without_folders(sent, kept):
    parts = parsed(body(("f", sent.replace("\\", "\\\\"), b"x")))
    parts.fields()
    assert [upload.name for upload in parts.files()] == [kept]


@pytest.mark.parametrize(
    ("name", "written"),
    [
        ("account.txt", "attachment; filename=\"account.txt\"; filename*=UTF-8''account.txt"),
        (
            'a";x\r\nSet-Cookie: a=b',
            "attachment; filename=\"a_xSet-Cookie a_b\"; filename*=UTF-8''a%3BxSet-Cookie%20a%3Db",
        ),
        ("../../x", "attachment; filename=\"x\"; filename*=UTF-8''x"),
        ("...", "attachment; filename=\"file\"; filename*=UTF-8''file"),
        (
            "відэа.mp4",
            "attachment; filename=\"_____.mp4\"; filename*=UTF-8''%D0%B2%D1%96%D0%B4%D1%8D%D0%B0.mp4",
        ),
    ],
)
def test_a_download_cannot_write_headers_or_folders(name, written):
    assert disposition(name) == written


@given(st.text(max_size=300))
def test_every_name_makes_one_plain_header(name):
    written = disposition(name)
    assert written.isascii()
    assert written.isprintable()
    assert written.count('"') == 2


def test_a_line_that_falls_silent_is_cut(monkeypatch):
    """A few silent lines would else keep every thread of the server."""
    monkeypatch.setattr(uploads, "SILENCE_SECONDS", 0.05)
    ours, theirs = socket.socketpair()
    with ours, theirs, ours.makefile("rb") as stream:
        theirs.sendall(b'--edge\r\nContent-Disposition: form-data; name="form"\r\n\r\nhalf of a ')
        environ = {
            "REQUEST_METHOD": "POST",
            "CONTENT_TYPE": "multipart/form-data; boundary=edge",
            "CONTENT_LENGTH": "1000000",
            "wsgi.input": stream,
            "gunicorn.socket": ours,
        }
        with pytest.raises(IntakeError) as raised:
            _ = uploads.StreamingRequest(environ).form
    assert raised.value.code == "I80"
