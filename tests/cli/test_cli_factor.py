"""A second factor at the command line."""

import base64
import os
import re
import subprocess
import sys
import time

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP
from town import ENVIRONMENT

from keys.otp import CODES, Factor


def code_of(factor, steps=0):
    return TOTP(factor.secret, 6, SHA1(), 30).generate(int(time.time()) + 30 * steps).decode()


def words_of(town, handle, *words):
    """Return a command of somebody's and its environment, for a process of its own."""
    named = {"SVIEDKA_AGENT": handle, "SVIEDKA_PASSPHRASE_FILE": str(town.passphrase_file(handle))}
    command = [sys.executable, "-c", "from archive.cli import main; main()", *words]
    return command, {**os.environ, **ENVIRONMENT, **named, "SVIEDKA_ARCHIVE": str(town.archive)}


@pytest.fixture
def guarded(town):
    """Lena set a factor up, with the code of half a minute ago, so that this moment's is still good."""
    command, environment = words_of(town, "lena", "agent", "factor", "add")
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with subprocess.Popen(command, env=environment, encoding="utf-8", **pipes) as process:
        told, codes = "", []
        while len(codes) < CODES:
            told += process.stderr.readline()
            codes = re.findall(r"^  ([a-z2-7-]{9})$", told, re.MULTILINE)
        [letters] = re.findall(r"the same in letters: ([A-Z2-7 ]+)", told)
        factor = Factor(base64.b32decode(letters.replace(" ", "")), tuple(codes))
        _output, rest = process.communicate(f"{code_of(factor, -1)}\n", timeout=30)
    assert process.returncode == 0, rest
    return factor, told


def test_the_secret_is_shown_as_a_picture_and_in_letters(guarded):
    factor, told = guarded
    assert "█" in told
    assert len(factor.secret) == 20


def test_every_command_takes_a_code_and_none_twice(town, guarded):
    factor, _told = guarded
    refused = town.run("compartment", "list", who="lena")
    assert (refused.exit_code, "SVIEDKA_CODE" in refused.output) == (2, True)
    wrong = town.run("compartment", "list", who="lena", env={"SVIEDKA_CODE": "000000"})
    assert (wrong.exit_code, "K10" in wrong.output) == (3, True)
    code = {"SVIEDKA_CODE": code_of(factor)}
    assert town.run("compartment", "list", who="lena", env=code).exit_code == 0
    assert town.run("compartment", "list", who="lena", env=code).exit_code == 3
    recovery = {"SVIEDKA_CODE": factor.codes[0]}
    assert town.run("compartment", "list", who="lena", env=recovery).exit_code == 0
    assert town.run("compartment", "list", who="lena", env=recovery).exit_code == 3
    assert town.json("audit", who="olga")["outcome"] == "verified"


def test_a_factor_is_removed_by_its_agent_or_by_a_custodian(town, guarded):
    refused = town.run("agent", "factor", "remove", "lena", "--yes", who="vera")
    assert (refused.exit_code, "A01" in refused.output) == (3, True)
    assert [one["handle"] for one in town.json("agent", "list", who="anna") if one["factor"]] == ["lena"]
    town.json("agent", "factor", "remove", "lena", "--yes", who="anna")
    assert town.run("compartment", "list", who="lena").exit_code == 0
    refused = town.run("agent", "factor", "remove", "--yes", who="lena")
    assert (refused.exit_code, "A44" in refused.output) == (3, True)


def test_new_keys_keep_the_factor(town, guarded):
    factor, _told = guarded
    env = {"SVIEDKA_CODE": factor.codes[1]}
    assert town.run("agent", "rotate", who="lena", env=env).exit_code == 0
    assert town.run("compartment", "list", who="lena").exit_code == 2
    env = {"SVIEDKA_CODE": factor.codes[2]}
    assert town.run("agent", "factor", "remove", "--yes", who="lena", env=env).exit_code == 0
    assert town.run("compartment", "list", who="lena").exit_code == 0
