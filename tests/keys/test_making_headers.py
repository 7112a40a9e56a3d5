"""Making many headers in processes of their own."""

from keys.identities import Identity
from keys.rewrapping import FEW, Makers
from keys.sealing import open_, seal

OLD, NEW = Identity.generate(), Identity.generate()


def test_headers_made_elsewhere_open_for_the_new_identity_in_the_order_asked_for():
    sealed = [seal(b"%d" % number, [OLD.recipient]) for number in range(7)]
    jobs = [(1, one.header) for one in sealed]
    jobs[3] = (2, sealed[3].header)
    jobs[4] = (1, b"damaged")
    for expected in (1, FEW):
        with Makers({1: OLD}, NEW.recipient, expected=expected) as makers:
            made = makers.make(jobs).result()
            assert makers.make([]).result() == []
        assert made[3] is made[4] is None
        for number in (0, 1, 2, 5, 6):
            opened = open_(made[number], sealed[number].body, NEW, commitment=sealed[number].commitment)
            assert opened == b"%d" % number
