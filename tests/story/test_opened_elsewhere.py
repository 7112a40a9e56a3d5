"""The archive opens without us: a sealed original, the compartment's identity, and somebody else's age."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from archive.access.compartments import disclose
from archive.access.sealed import sealed_original

pytestmark = pytest.mark.node

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = """
import { readFileSync, writeFileSync } from "node:fs";
const age = await import(process.argv[1]);
const decrypter = new age.Decrypter();
decrypter.addIdentity(readFileSync(process.argv[2], "utf8").trim().split("\\n")[0]);
writeFileSync(process.argv[4], await decrypter.decrypt(readFileSync(process.argv[3])));
"""


def test_a_sealed_original_opens_in_another_implementation_byte_for_byte(house, tmp_path):
    modules = Path(os.environ.get("SVIEDKA_NODE_MODULES", ROOT / "tests/node/node_modules")).resolve()
    entry, node = modules / "age-encryption" / "dist" / "index.js", shutil.which("node")
    if node is None or not entry.is_file():
        pytest.skip("Node.js or the npm package age-encryption is not on this machine")
    original = os.urandom(200_001)
    [result] = house.deposit(house.documenter(), {"film.bin": original})
    (tmp_path / "original.age").write_bytes(b"".join(sealed_original(house.archive, house.anna, result.item)))
    (tmp_path / "identity.txt").write_text(disclose(house.archive, house.anna, "main"))
    paths = [str(tmp_path / name) for name in ("identity.txt", "original.age", "opened.bin")]
    subprocess.run(
        [node, "--input-type=module", "--eval", SCRIPT, entry.as_uri(), *paths], check=True, timeout=60
    )
    assert (tmp_path / "opened.bin").read_bytes() == original
