"""Locks that are tried and not waited for."""

from storage.locks import exclusive, is_held, one_of


def test_the_first_free_lock_is_held_and_given_back(tmp_path):
    first, second = tmp_path / "1", tmp_path / "2"
    with one_of([first, second]) as one:
        assert one
        assert is_held(first)
        assert not is_held(second)
        with one_of([first, second]) as two:
            assert two
            assert is_held(second)
            with one_of([first, second]) as three:
                assert not three
    assert not is_held(first)
    assert not is_held(second)


def test_a_lock_that_nobody_ever_took_is_not_held(tmp_path):
    assert not is_held(tmp_path / "none")
    assert not (tmp_path / "none").exists()
    with exclusive(tmp_path / "one"):
        assert is_held(tmp_path / "one")
