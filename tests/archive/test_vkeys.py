"""Verifier keys: one spelling per key, and an id that is its key's."""

from contextlib import contextmanager

import pytest
from hypothesis import given
from hypothesis import strategies as st

from archive import vkeys
from archive.errors import CustodyError

# The example of c2sp.org/signed-note.
EXAMPLE = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


@contextmanager
def refused(code):
    with pytest.raises(CustodyError) as caught:
        yield
    assert caught.value.code == code


def test_the_published_example_is_read_and_written():
    vkey = vkeys.parse_vkey(EXAMPLE)
    assert (vkey.name, vkey.key_id.hex(), vkey.type) == ("example.com/foo", "530d903a", vkeys.ED25519)
    assert vkey == vkeys.VKey.of("example.com/foo", vkeys.ED25519, vkey.public)
    assert vkeys.format_vkey(vkey) == EXAMPLE


@given(st.sampled_from(sorted(vkeys.PUBLIC_BYTES)), st.data())
def test_every_key_survives_writing_and_reading(kind, data):
    size = vkeys.PUBLIC_BYTES[kind]
    public = data.draw(st.binary(min_size=size, max_size=size))
    vkey = vkeys.VKey.of("архіў.example/лог", kind, public)
    assert vkeys.parse_vkey(vkeys.format_vkey(vkey)) == vkey


def test_types_and_lengths_are_those_of_the_specifications():
    assert dict(vkeys.PUBLIC_BYTES) == {0x01: 32, 0x04: 32, 0x06: 1312}
    assert (vkeys.ED25519, vkeys.ED25519_COSIGNATURE, vkeys.MLDSA44) == (0x01, 0x04, 0x06)


def test_one_key_under_two_types_or_names_has_different_ids():
    public = bytes(32)
    ids = {
        vkeys.key_id("a.example", vkeys.ED25519, public),
        vkeys.key_id("a.example", vkeys.ED25519_COSIGNATURE, public),
        vkeys.key_id("b.example", vkeys.ED25519, public),
    }
    assert len(ids) == 3


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example.com/foo",
        "example.com/foo+530d903a",
        EXAMPLE + "\n",
        EXAMPLE + "=",
        EXAMPLE.replace("530d903a", "530D903A"),
        EXAMPLE.replace("530d903a", "530d903"),
        EXAMPLE.replace("530d903a", "530d 903a"),
        EXAMPLE.replace("3U2k", "3U2"),
        EXAMPLE.replace("3U2k", ""),
        "example.com/foo+530d903a+",
        EXAMPLE.replace("+Aeky", "+Aiky"),  # type 0x02
        EXAMPLE.replace("+Aeky", "+/+ky"),  # type 0xff
        EXAMPLE.replace("example.com/foo", ""),
        EXAMPLE.replace("example.com/foo", "example.com foo"),
    ],
)
def test_a_malformed_key_is_refused(text):
    with refused("C20"):
        vkeys.parse_vkey(text)


def test_an_id_of_another_key_is_refused():
    with refused("C21"):
        vkeys.parse_vkey(EXAMPLE.replace("530d903a", "530d903b"))
    with refused("C21"):
        vkeys.parse_vkey(EXAMPLE.replace("example.com/foo", "example.com/fop"))


@pytest.mark.parametrize(
    "name",
    ["", " ", "a b", "a+b", "a\tb", "a\nb", "a\u00a0b", "a\u2003b", "a\u2028b", "a\u0085", "a\x00", "\ud800"],
)
def test_a_malformed_name_is_refused(name):
    with refused("C20"):
        vkeys.VKey.of(name, vkeys.ED25519, bytes(32))


@pytest.mark.parametrize(
    ("kind", "length"), [(1, 31), (1, 33), (4, 0), (6, 32), (6, 1311), (2, 32), (255, 32)]
)
def test_a_key_of_unknown_type_or_wrong_length_is_refused(kind, length):
    with refused("C20"):
        vkeys.VKey.of("a.example", kind, bytes(length))
