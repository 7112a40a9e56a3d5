"""Header grammar: what the vectors do not reach, and our own caps."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from keys.errors import HeaderError
from keys.identities import PassphraseIdentity
from keys.stanzas import (
    MAX_HEADER_BYTES,
    MAX_STANZAS,
    Stanza,
    end_line,
    format_header,
    parse_header,
    read_header,
)

WORDS = st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=20)
STANZAS = st.builds(
    Stanza,
    WORDS.filter(lambda word: word != "scrypt"),
    st.lists(WORDS, max_size=3).map(tuple),
    st.binary(max_size=200),
)


def header(*stanzas):
    return format_header(stanzas) + end_line(bytes(32))


@given(st.lists(STANZAS, min_size=1, max_size=5))
def test_headers_survive_writing_and_parsing(stanzas):
    data = header(*stanzas)
    parsed = parse_header(data)
    assert parsed.stanzas == tuple(stanzas)
    assert data == parsed.covered + end_line(parsed.mac)
    stream = io.BytesIO(data + b"the body")
    assert read_header(stream) == data
    assert stream.read() == b"the body"


@given(st.binary(max_size=300))
def test_noise_is_refused_as_a_header(data):
    for noise in (data, b"age-encryption.org/v1\n" + data):
        with pytest.raises(HeaderError):
            parse_header(noise)


@given(st.integers(min_value=0), st.sampled_from([b"\r", b" ", b"\n", b"=", b"\x00", b"\xff", b"-"]))
def test_one_byte_put_in_never_leaves_the_same_meaning(at, extra):
    original = header(Stanza("a", ("b",), bytes(70)))
    at %= len(original) + 1
    changed = original[:at] + extra + original[at:]
    try:
        parsed = parse_header(changed)
    except HeaderError:
        return
    assert parsed != parse_header(original)
    assert parsed.covered + end_line(parsed.mac) == changed


def test_more_stanzas_than_the_cap_are_refused():
    stanza = Stanza("grease", (), b"")
    assert len(parse_header(header(*[stanza] * MAX_STANZAS)).stanzas) == MAX_STANZAS
    with pytest.raises(HeaderError, match="too many"):
        parse_header(header(*[stanza] * (MAX_STANZAS + 1)))


def test_a_header_longer_than_the_cap_is_refused_before_it_is_parsed():
    data = header(Stanza("grease", (), bytes(MAX_HEADER_BYTES)))
    with pytest.raises(HeaderError, match="too long"):
        parse_header(data)
    with pytest.raises(HeaderError, match="too long"):
        read_header(io.BytesIO(data))


def test_an_endless_first_line_is_not_read_to_its_end():
    stream = io.BytesIO(b"a" * 10 * MAX_HEADER_BYTES)
    with pytest.raises(HeaderError):
        read_header(stream)
    assert stream.tell() <= MAX_HEADER_BYTES


def test_a_header_without_stanzas_is_refused():
    with pytest.raises(HeaderError):
        parse_header(b"age-encryption.org/v1\n---" + end_line(bytes(32)))


def test_a_scrypt_stanza_beside_another_is_refused_whoever_opens():
    scrypt = Stanza("scrypt", ("A" * 22, "10"), bytes(32))
    with pytest.raises(HeaderError, match="only one"):
        parse_header(header(scrypt, Stanza("X25519", ("A" * 43,), bytes(32))))


@pytest.mark.parametrize("factor", ["18", "99", "9" * 5000])
def test_work_factors_over_the_cap_are_refused_before_any_work(factor):
    identity = PassphraseIdentity("anything", most_log_n=17)
    with pytest.raises(HeaderError) as caught:
        identity.unwrap([Stanza("scrypt", ("A" * 22, factor), bytes(32))])
    assert caught.value.code == "K19"
