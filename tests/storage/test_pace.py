"""How fast a check reads: never faster than is allowed, and no slower than that."""

import time

from storage.fixity.pace import Pace


class Watch:
    """A clock that runs on while somebody sleeps."""

    def __init__(self):
        self.now = 100.0

    def __call__(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


def test_reading_takes_as_long_as_the_rate_says():
    watch = Watch()
    pace = Pace(1000, watch, watch.sleep)
    for _ in range(10):
        watch.now += 0.01
        pace.spend(100)
    assert 1.0 <= watch.now - 100 < 1.02


def test_a_pause_is_not_made_up_for():
    watch = Watch()
    pace = Pace(1000, watch, watch.sleep)
    pace.spend(100)
    watch.now += 60
    before = watch.now
    pace.spend(1000)
    assert 0.75 <= watch.now - before <= 1.0


def test_slow_rates_read_small_pieces():
    assert Pace(100).piece_bytes == 25
    assert Pace(1).piece_bytes == 1
    assert Pace(10**9).piece_bytes == Pace().piece_bytes == 1 << 20


def test_without_a_rate_nothing_waits():
    begun = time.monotonic()
    for _ in range(1000):
        Pace().spend(1 << 30)
    assert time.monotonic() - begun < 1
