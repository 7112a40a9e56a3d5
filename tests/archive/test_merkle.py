"""The tree of RFC 6962 2.1: against a slow literal reference, third-party vectors, and things broken on purpose."""

import base64
import hashlib
import json
from contextlib import contextmanager

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from archive import merkle
from archive.errors import CustodyError


@contextmanager
def refused(code):
    with pytest.raises(CustodyError) as caught:
        yield caught
    assert caught.value.code == code


def leaves_of(size):
    return [merkle.leaf_hash(b"entry %d" % number) for number in range(size)]


# The definitions of RFC 6962 2.1, 2.1.1 and 2.1.2, letter by letter and as slow as they read.


def split(n):
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def mth(leaves):
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = split(len(leaves))
    return hashlib.sha256(b"\x01" + mth(leaves[:k]) + mth(leaves[k:])).digest()


def path(m, leaves):
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), mth(leaves[k:])]
    return [*path(m - k, leaves[k:]), mth(leaves[:k])]


def subproof(m, leaves, whole):
    if m == len(leaves):
        return [] if whole else [mth(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), mth(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), mth(leaves[:k])]


def reader(leaves):
    """Serves complete subtrees only, as a tree on disk would."""

    def read(level, index):
        subtree = leaves[index << level : (index + 1) << level]
        assert len(subtree) == 1 << level
        return mth(subtree)

    return read


def test_hashes_are_those_of_the_published_examples():
    # The eight entries that Certificate Transparency implementations test with.
    entries = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ]
    frontier = merkle.Frontier()
    for entry in entries:
        frontier.append(merkle.leaf_hash(bytes.fromhex(entry)))
    assert frontier.root().hex() == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328"


@pytest.mark.parametrize("size", range(1, 18))
def test_every_proof_of_a_small_tree_is_the_reference_and_verifies(size):
    leaves = leaves_of(size)
    read, root = reader(leaves), mth(leaves)
    assert merkle.tree_root(size, read) == root
    for index in range(size):
        proof = merkle.prove_inclusion(index, size, read)
        assert proof == path(index, leaves)
        merkle.verify_inclusion(index, size, leaves[index], proof, root)
    for old in range(1, size + 1):
        proof = merkle.prove_consistency(old, size, read)
        assert proof == subproof(old, leaves, True)
        merkle.verify_consistency(old, size, proof, mth(leaves[:old]), root)


@settings(max_examples=40, deadline=None)
@given(st.data())
def test_proofs_of_larger_trees_are_the_reference_and_verify(data):
    size = data.draw(st.integers(1, 700))
    index = data.draw(st.integers(0, size - 1))
    old = data.draw(st.integers(1, size))
    leaves = leaves_of(size)
    read, root = reader(leaves), mth(leaves)
    inclusion, consistency = (
        merkle.prove_inclusion(index, size, read),
        merkle.prove_consistency(old, size, read),
    )
    assert (inclusion, consistency) == (path(index, leaves), subproof(old, leaves, True))
    merkle.verify_inclusion(index, size, leaves[index], inclusion, root)
    merkle.verify_consistency(old, size, consistency, mth(leaves[:old]), root)


def test_the_root_of_no_leaves_is_the_hash_of_nothing():
    assert merkle.tree_root(0, reader([])) == merkle.Frontier().root() == merkle.EMPTY_ROOT == mth([])


def test_a_frontier_has_the_root_of_every_size_it_passes():
    frontier, leaves = merkle.Frontier(), leaves_of(70)
    for size, leaf in enumerate(leaves, start=1):
        frontier.append(leaf)
        assert (frontier.size, frontier.root()) == (size, mth(leaves[:size]))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 150), st.integers(0, 150))
def test_new_hashes_are_exactly_the_subtrees_that_become_complete(size, added):
    leaves = leaves_of(size + added)

    def complete(count):
        return {(level, index) for level in range(10) for index in range(count >> level)}

    made = merkle.new_hashes(size, leaves[size:], reader(leaves[:size]))
    assert {(level, index) for level, index, _ in made} == complete(size + added) - complete(size)
    assert len(made) == len({(level, index) for level, index, _ in made})
    for level, index, hashed in made:
        assert hashed == mth(leaves[index << level : (index + 1) << level])


@pytest.mark.corpus
def test_all_published_inclusion_vectors_give_their_verdict(corpus):
    paths = sorted((corpus / "merkle" / "inclusion").rglob("*.json"))
    assert len(paths) >= 98
    wrong = []
    for vector_path in paths:
        vector = json.loads(vector_path.read_bytes())
        proof = [base64.b64decode(part) for part in vector["proof"] or []]
        leaf, root = base64.b64decode(vector["leafHash"]), base64.b64decode(vector["root"])
        try:
            merkle.verify_inclusion(vector["leafIdx"], vector["treeSize"], leaf, proof, root)
            refusal = None
        except CustodyError as error:
            refusal = error.code
        if (refusal is not None) != vector["wantErr"]:
            wrong.append((vector_path.name, vector["desc"], refusal))
    assert wrong == []


# Broken on purpose.


def flipped(hashed, bit=0):
    number = bit // 8
    return hashed[:number] + bytes([hashed[number] ^ 1 << bit % 8]) + hashed[number + 1 :]


def mutations(proof):
    for number, part in enumerate(proof):
        yield [*proof[:number], flipped(part, 77), *proof[number + 1 :]]
        yield [*proof[:number], *proof[number + 1 :]]
        yield [*proof[:number], part, *proof[number:]]
    yield [*proof, bytes(32)]
    yield [bytes(32), *proof]
    if len(proof) > 1:
        yield proof[::-1]


@pytest.mark.parametrize("size", range(1, 18))
def test_no_mutated_inclusion_proof_verifies(size):
    leaves = leaves_of(size)
    root = mth(leaves)
    for index in range(size):
        proof = path(index, leaves)
        for broken in mutations(proof):
            with pytest.raises(CustodyError):
                merkle.verify_inclusion(index, size, leaves[index], broken, root)
        for other in {*range(-2, size + 3), index + 2**64, -(2**70)} - {index}:
            with pytest.raises(CustodyError):
                merkle.verify_inclusion(other, size, leaves[index], proof, root)


@pytest.mark.parametrize("size", range(1, 18))
def test_no_mutated_consistency_proof_verifies(size):
    leaves = leaves_of(size)
    root = mth(leaves)
    for old in range(1, size + 1):
        proof, old_root = subproof(old, leaves, True), mth(leaves[:old])
        for broken in mutations(proof):
            with pytest.raises(CustodyError):
                merkle.verify_consistency(old, size, broken, old_root, root)
        for roots in ((flipped(old_root), root), (old_root, flipped(root))):
            with pytest.raises(CustodyError):
                merkle.verify_consistency(old, size, proof, *roots)


def test_an_index_beyond_the_tree_is_refused():
    # The last leaf's proof would also fit the position after it, were the index not compared with the size.
    leaves = leaves_of(3)
    for index in (3, 4, -1, 2**64 - 1):
        with refused("C10"):
            merkle.verify_inclusion(index, 3, leaves[2], path(2, leaves), mth(leaves))
        with refused("C10"):
            merkle.prove_inclusion(index, 3, reader(leaves))


def test_nothing_is_included_in_an_empty_tree():
    with refused("C10"):
        merkle.verify_inclusion(0, 0, merkle.EMPTY_ROOT, [], merkle.EMPTY_ROOT)


def test_a_proof_of_wrong_length_is_refused_as_such():
    leaves = leaves_of(5)
    proof, root = path(1, leaves), mth(leaves)
    with refused("C11"):
        merkle.verify_inclusion(1, 5, leaves[1], proof[:-1], root)
    with refused("C11"):
        merkle.verify_inclusion(1, 5, leaves[1], [*proof, bytes(32)], root)
    proof, old_root = subproof(3, leaves, True), mth(leaves[:3])
    for broken in ([], proof[:-1], [*proof, bytes(32)]):
        with refused("C11"):
            merkle.verify_consistency(3, 5, broken, old_root, root)
    with refused("C11"):
        merkle.verify_consistency(5, 5, [bytes(32)], root, root)


@pytest.mark.parametrize("length", [0, 31, 33, 64])
def test_what_is_not_32_bytes_is_no_hash(length):
    leaves, odd = leaves_of(5), bytes(length)
    proof, root = path(1, leaves), mth(leaves)
    for leaf, hashes, top in (
        (odd, proof, root),
        (leaves[1], [odd, *proof[1:]], root),
        (leaves[1], proof, odd),
    ):
        with refused("C12"):
            merkle.verify_inclusion(1, 5, leaf, hashes, top)
    with refused("C12"):
        merkle.verify_consistency(1, 1, [], odd, odd)


def test_a_wrong_root_is_refused_with_both_roots_as_evidence():
    leaves = leaves_of(6)
    root, other = mth(leaves), mth(leaves[:5])
    with refused("C13") as caught:
        merkle.verify_inclusion(4, 6, leaves[4], path(4, leaves), other)
    assert (caught.value.expected, caught.value.found) == (other.hex(), root.hex())
    with refused("C15") as caught:
        merkle.verify_consistency(3, 6, subproof(3, leaves, True), other, root)
    assert (caught.value.expected, caught.value.found) == (other.hex(), mth(leaves[:3]).hex())
    with refused("C16") as caught:
        merkle.verify_consistency(3, 6, subproof(3, leaves, True), mth(leaves[:3]), other)
    assert (caught.value.expected, caught.value.found) == (other.hex(), root.hex())


def test_two_roots_of_one_size_are_a_fork():
    one, other = mth(leaves_of(4)), mth(leaves_of(5))
    merkle.verify_consistency(4, 4, [], one, one)
    with refused("C16"):
        merkle.verify_consistency(4, 4, [], one, other)


@pytest.mark.parametrize(("old", "new"), [(0, 0), (0, 5), (-1, 5), (6, 5)])
def test_consistency_needs_growth_from_something(old, new):
    leaves = leaves_of(5)
    with refused("C14"):
        merkle.verify_consistency(old, new, [], mth(leaves), mth(leaves))
    with refused("C14"):
        merkle.prove_consistency(old, new, reader(leaves))


def test_a_leaf_cannot_pass_for_a_node():
    leaves = leaves_of(2)
    assert merkle.leaf_hash(leaves[0] + leaves[1]) != merkle.node_hash(*leaves)
