"""The payload: sizes around the chunk, any cut of the input, any damage to the output."""

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive.errors import KeysError
from keys.errors import PayloadError
from keys.stream import CHUNK_BYTES, TAG_BYTES, ChunkSealer, open_chunks

KEY = bytes(range(32))
SIZES = st.one_of(
    st.integers(0, 300),
    st.builds(lambda n, d: max(0, n * CHUNK_BYTES + d), st.integers(0, 4), st.integers(-2, 2)),
)


def plaintext(size):
    return random.Random(size).randbytes(size)


def sealed(data, cuts=()):
    sealer, parts, start = ChunkSealer(KEY), [], 0
    for cut in [*sorted(cuts), len(data)]:
        parts += sealer.update(memoryview(data)[start:cut])
        start = max(start, cut)
    return b"".join([*parts, sealer.finish()])


def opened(body):
    return b"".join(open_chunks(KEY, io.BytesIO(body)))


class Dripping(io.RawIOBase):
    """A raw stream that returns a few bytes at a time, as sockets do."""

    def __init__(self, data):
        self._inner = io.BytesIO(data)

    def read(self, size=-1):
        return self._inner.read(min(size, 1000))


@given(SIZES)
@settings(deadline=None)
def test_what_is_sealed_opens_to_itself_and_has_the_predicted_size(size):
    data = plaintext(size)
    body = sealed(data)
    assert opened(body) == data
    assert len(body) == size + TAG_BYTES * max(1, -(-size // CHUNK_BYTES))


@given(SIZES, st.data())
@settings(deadline=None)
def test_the_body_is_the_same_however_the_input_is_cut(size, draw):
    data = plaintext(size)
    cuts = draw.draw(st.lists(st.integers(0, size), max_size=6))
    assert sealed(data, cuts) == sealed(data)


@pytest.mark.parametrize("step", [1, 4095, CHUNK_BYTES - 1, CHUNK_BYTES, CHUNK_BYTES + 1, 1 << 20])
def test_steps_of_one_size_give_the_same_body(step):
    data = plaintext(300 if step == 1 else 3 * CHUNK_BYTES + 7)
    assert sealed(data, range(0, len(data), step)) == sealed(data)


@given(st.sampled_from([0, 1, 100, CHUNK_BYTES, CHUNK_BYTES + 1, 2 * CHUNK_BYTES]), st.data())
@settings(deadline=None)
def test_a_flipped_bit_is_refused(size, draw):
    body = bytearray(sealed(plaintext(size)))
    at = draw.draw(st.integers(0, len(body) - 1))
    body[at] ^= 1 << draw.draw(st.integers(0, 7))
    with pytest.raises(PayloadError):
        opened(bytes(body))


@given(st.sampled_from([0, 1, 100, CHUNK_BYTES, CHUNK_BYTES + 1, 3 * CHUNK_BYTES]), st.data())
@settings(deadline=None)
def test_a_truncated_body_is_refused(size, draw):
    body = sealed(plaintext(size))
    sealed_chunk = CHUNK_BYTES + TAG_BYTES
    at_borders = list(range(0, len(body), sealed_chunk))
    kept = draw.draw(st.one_of(st.integers(0, len(body) - 1), st.sampled_from(at_borders)))
    with pytest.raises(PayloadError):
        opened(body[:kept])


@given(st.sampled_from([0, 1, CHUNK_BYTES, CHUNK_BYTES + 1]), st.binary(min_size=1, max_size=100))
@settings(deadline=None)
def test_trailing_bytes_are_refused(size, extra):
    with pytest.raises(PayloadError):
        opened(sealed(plaintext(size)) + extra)


def test_chunks_in_another_order_are_refused():
    body = sealed(plaintext(3 * CHUNK_BYTES))
    size = CHUNK_BYTES + TAG_BYTES
    with pytest.raises(PayloadError):
        opened(body[size : 2 * size] + body[:size] + body[2 * size :])


def test_only_authentic_chunks_are_handed_out_before_the_damage():
    data = plaintext(3 * CHUNK_BYTES)
    body = bytearray(sealed(data))
    body[-1] ^= 1
    chunks = open_chunks(KEY, io.BytesIO(bytes(body)))
    assert next(chunks) + next(chunks) == data[: 2 * CHUNK_BYTES]
    with pytest.raises(PayloadError):
        next(chunks)


def test_a_stream_that_gives_little_at_a_time_opens_too():
    data = plaintext(2 * CHUNK_BYTES + 5)
    assert b"".join(open_chunks(KEY, Dripping(sealed(data)))) == data


def test_nothing_is_sealed_after_the_end():
    sealer = ChunkSealer(KEY)
    sealer.finish()
    for attempt in (lambda: sealer.update(b"more"), sealer.finish):
        with pytest.raises(KeysError) as caught:
            attempt()
        assert caught.value.code == "K28"
