"""Files of ours open in another implementation of age (the npm package age-encryption), and the reverse."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from archive.codec import b64, unb64
from keys.identities import Identity, PassphraseIdentity, X25519Identity
from keys.recipients import PassphraseRecipient
from keys.sealing import open_, rewrap, seal, split

pytestmark = pytest.mark.node

ROOT = Path(__file__).resolve().parents[2]
CHEAPEST = 10
PASSPHRASE = "шэсць слоў якіх ніхто не ведае"
SIZES = [0, 1, 65535, 65536, 65537, 200_000]

SCRIPT = """
import { readFileSync } from "node:fs";
const age = await import(process.argv[1]);
const task = JSON.parse(readFileSync(0));
const results = [];
for (const { open, seal, data, logN } of task) {
  const bytes = Buffer.from(data, "base64");
  if (open !== undefined) {
    const decrypter = new age.Decrypter();
    open.startsWith("AGE-SECRET-KEY-") ? decrypter.addIdentity(open) : decrypter.addPassphrase(open);
    results.push(Buffer.from(await decrypter.decrypt(bytes)).toString("base64"));
  } else {
    const encrypter = new age.Encrypter();
    if (logN) encrypter.setScryptWorkFactor(logN);
    seal.startsWith("age1") ? encrypter.addRecipient(seal) : encrypter.setPassphrase(seal);
    results.push(Buffer.from(await encrypter.encrypt(bytes)).toString("base64"));
  }
}
process.stdout.write(JSON.stringify(results));
"""


@pytest.fixture(scope="module")
def elsewhere():
    """A function that opens or seals a list of files in the other implementation."""
    modules = Path(os.environ.get("SVIEDKA_NODE_MODULES", ROOT / "node_modules")).resolve()
    entry = modules / "age-encryption" / "dist" / "index.js"
    node = shutil.which("node")
    if node is None or not entry.is_file():
        pytest.skip("Node.js or the npm package age-encryption is not on this machine")

    def run(task):
        done = subprocess.run(
            [node, "--input-type=module", "--eval", SCRIPT, entry.as_uri()],
            input=json.dumps(task).encode(),
            capture_output=True,
            check=False,
            timeout=120,
        )
        assert done.returncode == 0, done.stderr.decode()
        return [unb64(text) for text in json.loads(done.stdout)]

    return run


def plaintexts():
    return [os.urandom(size) for size in SIZES]


@pytest.mark.parametrize("kind", [Identity, X25519Identity])
def test_what_we_seal_opens_there_byte_for_byte(elsewhere, kind):
    identity, data = kind.generate(), plaintexts()
    sealed = [seal(one, [identity.recipient]) for one in data]
    task = [{"open": identity.text, "data": b64(one.header + one.body)} for one in sealed]
    assert elsewhere(task) == data


@pytest.mark.parametrize("kind", [Identity, X25519Identity])
def test_what_is_sealed_there_opens_here_byte_for_byte(elsewhere, kind):
    identity, data = kind.generate(), plaintexts()
    files = elsewhere([{"seal": identity.recipient.text, "data": b64(one)} for one in data])
    assert [open_(*split(one), identity, commitment=None) for one in files] == data


def test_a_rewrapped_header_opens_there_for_its_new_recipient(elsewhere):
    old, new = Identity.generate(), Identity.generate()
    sealed = seal(b"the same body", [old.recipient])
    header = rewrap(sealed.header, old, new.recipient)
    assert elsewhere([{"open": new.text, "data": b64(header + sealed.body)}]) == [b"the same body"]


def test_passphrase_files_open_both_ways(elsewhere):
    sealed = seal(b"ours", [PassphraseRecipient(PASSPHRASE, CHEAPEST)])
    ours = {"open": PASSPHRASE, "data": b64(sealed.header + sealed.body)}
    theirs = {"seal": PASSPHRASE, "data": b64(b"theirs"), "logN": CHEAPEST}
    opened, made = elsewhere([ours, theirs])
    assert opened == b"ours"
    assert open_(*split(made), PassphraseIdentity(PASSPHRASE, CHEAPEST), commitment=None) == b"theirs"
