"""Tools that are not ours agree: pymerkle on the tree and its proofs, OpenSSL on signatures, a bare Python on all."""

import subprocess
import sys

import pytest
from ledger_builder import ORIGIN, Builder, reader, receipt_for
from log_folder import write_log
from pymerkle import InmemoryTree
from pymerkle.proof import InclusionProof, InvalidProof

from archive.events import SIGNED_PREFIX, parse_entry
from archive.merkle import (
    leaf_hash,
    prove_consistency,
    prove_inclusion,
    tree_root,
    verify_consistency,
    verify_inclusion,
)
from archive.notes import parse_note
from archive.trust import Trust, format_trust
from archive.verifier.build import build

SIZES = [*range(1, 34), 63, 64, 65, 100]
ENTRIES = [b"entry %d" % number for number in range(max(SIZES))]
#: What DER puts before the 32 bytes of any Ed25519 public key (RFC 8410).
DER_HEAD = bytes.fromhex("302a300506032b6570032100")


@pytest.fixture(scope="module")
def theirs():
    """The same entries in a tree of pymerkle, which hashes as RFC 6962 does."""
    tree = InmemoryTree(algorithm="sha256")
    for entry in ENTRIES:
        tree.append_entry(entry)
    return tree


@pytest.fixture(scope="module")
def ours():
    return reader(list(map(leaf_hash, ENTRIES)))


def test_pymerkle_comes_to_the_same_roots(theirs, ours):
    for size in SIZES:
        assert theirs.get_root(size) == tree_root(size, ours)


def test_each_accepts_the_inclusion_proofs_of_the_other(theirs, ours):
    for size in SIZES:
        root = tree_root(size, ours)
        for index in range(size):
            leaf, proof = leaf_hash(ENTRIES[index]), theirs.prove_inclusion(index + 1, size)
            verify_inclusion(index, size, leaf, proof.path[1:], root)
            path = [leaf, *prove_inclusion(index, size, ours)]
            made = InclusionProof("sha256", True, size, index + 1, proof.rule, path)
            made.verify(leaf, root, index=index + 1, size=size)
            # Neither takes the proof for another place.
            with pytest.raises(InvalidProof):
                made.verify(leaf_hash(b"another"), root)


def test_each_proves_consistency_to_the_roots_of_the_other(theirs, ours):
    for size in SIZES:
        for before in range(1, size):
            old, new = tree_root(before, ours), tree_root(size, ours)
            theirs.prove_consistency(before, size).verify(old, new, prior_size=before, later_size=size)
            proof = prove_consistency(before, size, ours)
            verify_consistency(before, size, proof, theirs.get_root(before), theirs.get_root(size))


@pytest.fixture(scope="module")
def handed_out(tmp_path_factory):
    """A log with its checkpoint, a receipt, and the trust file."""
    place, builder = tmp_path_factory.mktemp("handed-out"), Builder()
    vera = builder.enrol("vera", "documenter")
    builder.grant(vera, "main", ["contribute"], [])
    (place / "receipt").write_bytes(receipt_for(builder, vera, "main", "акт.txt", b"the file"))
    (place / "file").write_bytes(b"the file")
    (place / "trust").write_bytes(format_trust(Trust(ORIGIN, builder.log_keys)))
    write_log(builder, place / "log")
    return place, builder, vera


def openssl(place, public, message, signature):
    """Say whether OpenSSL takes a signature."""
    for name, data in (("key.der", DER_HEAD + public), ("message", message), ("signature", signature)):
        (place / name).write_bytes(data)
    words = "pkeyutl -verify -pubin -keyform DER -inkey key.der -rawin -in message -sigfile signature"
    done = subprocess.run(["openssl", *words.split()], cwd=place, capture_output=True, text=True, check=False)
    assert "Verified" in done.stdout or "Verification Failure" in done.stdout, done.stderr
    return done.returncode == 0


@pytest.mark.openssl
def test_openssl_takes_the_signature_of_a_checkpoint_and_of_no_other(handed_out, tmp_path):
    _, builder, _ = handed_out
    note = parse_note(builder.note())
    signed = next(one.signature for one in note.signatures if len(one.signature) == 64)
    public = builder.log_key.ed25519_public
    assert openssl(tmp_path, public, note.text, signed)
    assert not openssl(tmp_path, public, note.text.replace(b"\n6\n", b"\n5\n"), signed)


@pytest.mark.openssl
def test_openssl_takes_the_signature_of_an_entry_and_of_no_other(handed_out, tmp_path):
    _, builder, vera = handed_out
    entry = builder.entries[-1]
    # Cut by hand, without the code that it is to check.
    event = entry.removeprefix(b'{"event":').partition(b',"signatures":[')[0]
    signature = parse_entry(entry).signatures[0].value
    assert openssl(tmp_path, vera.key.public, SIGNED_PREFIX + event, signature)
    assert not openssl(tmp_path, builder.anna.key.public, SIGNED_PREFIX + event, signature)
    changed = event.replace(b'"kind":"accession"', b'"kind":"reading"')
    assert changed != event
    assert not openssl(tmp_path, vera.key.public, SIGNED_PREFIX + changed, signature)


@pytest.mark.parametrize(
    "words",
    [
        ["receipt", "--file", "file", "--trust", "trust"],
        ["log/checkpoint", "--trust", "trust"],
        ["log", "--trust", "trust", "--since", "log/checkpoint", "--with", "receipt"],
    ],
    ids=["receipt", "checkpoint", "log"],
)
def test_a_bare_python_with_an_empty_environment_verifies_all_three(handed_out, words):
    place = handed_out[0]
    (place / "v.pyz").write_bytes(build())
    command = [sys.executable, "-I", "-S", "v.pyz", *words]
    done = subprocess.run(command, cwd=place, env={}, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("verified: ")
    done = subprocess.run([*command, "--json"], cwd=place, env={}, capture_output=True, check=False)
    assert b'"verified": true' in done.stdout
