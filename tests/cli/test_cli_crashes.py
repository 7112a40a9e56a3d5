"""However a command ends, no key, passphrase or file key is on disk, in the output or in a core file afterwards.

Each of the commands that hold most is killed, or fails with every secret in the text of its exception, in the
moment in which it has them in memory; then every file that it may have left is searched.
"""

import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from founded import RAM, passphrase_of
from founded import opened_house as opened
from town import ENVIRONMENT
from traces import traces

from archive.access.keyring import find_label, keyring
from bench.rewrap import add_forms
from keys.rewrapping import FEW
from keys.sealing import unwrap

ROOT = Path(__file__).resolve().parents[2]
CRASHING = """
import importlib, os, signal, sys
import archive.cli

def die(*_arguments, **_named):
    how = os.environ["HOW"]
    if how == "fault":
        raise RuntimeError(os.environ["SECRETS"])
    number = getattr(signal, how)
    children = open(f"/proc/self/task/{os.getpid()}/children").read().split()
    for process in [*map(int, children), os.getpid()]:
        os.kill(process, number)

def plant(environ):
    moved = move(environ)
    module, _, names = os.environ["WHERE"].partition(":")
    *outer, name = names.split(".")
    place = importlib.import_module(module)
    for one in outer:
        place = getattr(place, one)
    setattr(place, name, die)
    return moved

move, archive.cli.move_into_memory = archive.cli.move_into_memory, plant
if os.environ["HOW"] == "dumped":
    os.environ["HOW"], archive.cli.harden = "SIGABRT", lambda: None
archive.cli.main()
"""
#: Where each command is when it holds most: what it is about to do.
MOMENTS = {
    "deposit": ("vera", "storage.catalogue.catalogue:Catalogue.stage"),
    "search": ("lena", "search.disclosure:snippet"),
    "read": ("lena", "search.disclosure:_checked"),
    "rewrap": ("anna", "storage.custody:Custody.place"),
}
WAYS = ("SIGSEGV", "SIGABRT", "SIGKILL", "fault")


@pytest.fixture(scope="module")
def full(founded_town, tmp_path_factory):
    """A town in which there is enough to be sealed again that processes of their own do it."""
    town = founded_town.copied_to(tmp_path_factory.mktemp("crashes") / "town")
    with opened(town.archive) as house:
        add_forms(house.archive, house.anna, town.items["statement"], FEW)
    town.json("grant", "vera", "main", "--may", "read", "--reason", "once", who="anna")
    town.json("revoke", "vera", "main", "--reason", "no more", who="anna")
    town.json("grant", "vera", "main", "--may", "contribute", "--reason", "hands in", who="anna")
    town.write("more/said.txt", "Тое, што яна памятае пра Акрэсціна.\n")
    return town


def words_of(town, command):
    item = town.items["statement"]
    return {
        "deposit": ["deposit", town.place / "more", "--into", "main"],
        "search": ["search", "Крумкач"],
        "read": ["read", item, "--rendition", "original"],
        "rewrap": ["compartment", "rewrap", "main"],
    }[command]


def secrets_of(town):
    """Return everything that opens anything, as bytes: keys of people and compartments, file keys, passphrases."""
    found = {}
    with opened(town.archive) as house:
        for handle in ("anna", "vera", "lena"):
            secret = house.sign_in(handle).secret
            found[f"seed of {handle}"] = secret.identity.seed
            found[f"signing seed of {handle}"] = secret.signing.seed
            found[f"identity of {handle}"] = secret.identity.text.encode()
            found[f"passphrase of {handle}"] = passphrase_of(handle).encode()
        held = find_label(keyring(house.archive, house.anna), "main").identities
        for epoch, identity in held.items():
            found[f"seed of epoch {epoch}"] = identity.seed
            found[f"identity of epoch {epoch}"] = identity.text.encode()
        for path in sorted(town.archive.glob("headers/??/*"))[:20]:
            found[f"key of {path.name}"] = unwrap(path.read_bytes(), list(held.values())).raw
    return found


def crash(town, place, command, how, known):
    """Run a command until it dies of `how`; return the places it may have written to."""
    who, where = MOMENTS[command]
    runtime = Path(tempfile.mkdtemp(dir=RAM, prefix="sviedka-crash-"))
    for name in ("tmp", "home", "cwd"):
        (place / name).mkdir(parents=True)
    variables = {
        **ENVIRONMENT, "PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "PYTHONDONTWRITEBYTECODE": "1",
        "HOME": str(place / "home"), "TMPDIR": str(place / "tmp"), "SVIEDKA_RUNTIME": str(runtime),
        "SVIEDKA_ARCHIVE": str(town.archive), "SVIEDKA_AGENT": who,
        "SVIEDKA_PASSPHRASE_FILE": str(town.passphrase_file(who)), "WHERE": where, "HOW": how,
        "SECRETS": " ".join(one.hex() for one in known.values()),
    }  # fmt: skip
    with (place / "output").open("wb") as said:
        done = subprocess.run(
            [sys.executable, "-c", CRASHING, *map(str, words_of(town, command))],
            cwd=place / "cwd", env=variables, stdout=said, stderr=said, timeout=60, check=False,
            preexec_fn=allow_cores,
        )  # fmt: skip
    assert done.returncode == 4 if how == "fault" else done.returncode < 0, (place / "output").read_text()
    return [*(place / name for name in ("tmp", "home", "cwd", "output")), town.archive], runtime


def allow_cores():
    resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))


@pytest.mark.parametrize(
    "command", [one if one == "read" else pytest.param(one, marks=pytest.mark.slow) for one in MOMENTS]
)
def test_after_every_kind_of_crash_no_secret_is_anywhere(full, tmp_path, command):
    for how in WAYS:
        town = full.copied_to(tmp_path / f"town {how}")
        known = secrets_of(town)
        places, runtime = crash(town, tmp_path / how, command, how, known)
        found = traces([*places, runtime], known | secrets_of(town))
        assert found == []
        assert not list((tmp_path / how / "cwd").iterdir())
        shutil.rmtree(runtime)


def test_where_cores_are_not_forbidden_the_keys_are_in_one(full, tmp_path):
    town = full.copied_to(tmp_path / "town")
    known = secrets_of(town)
    places, runtime = crash(town, tmp_path / "dumped", "read", "dumped", known)
    shutil.rmtree(runtime)
    if not list((tmp_path / "dumped" / "cwd").iterdir()):
        pytest.skip("on this machine cores go elsewhere, or may not be allowed")
    named = {name for _file, name in traces(places, known)}
    assert {"seed of lena", "signing seed of lena", "passphrase of lena"} & named


MAKERS = """
import os, resource, signal
from keys.identities import Identity
from keys.rewrapping import FEW, Makers
from keys.sealing import seal
resource.setrlimit(resource.RLIMIT_CORE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
old = Identity(bytes(range(100, 132)))
with Makers({1: old}, Identity.generate().recipient, expected=FEW) as makers:
    makers.make([(1, seal(b"x", [old.recipient]).header)] * 4).result()
    for maker in makers._makers:
        os.kill(maker._process.pid, signal.SIGSEGV)
"""


def test_the_processes_that_seal_again_are_never_dumped_whoever_started_them(tmp_path):
    subprocess.run(
        [sys.executable, "-c", MAKERS], cwd=tmp_path, env={**os.environ, "PYTHONPATH": str(ROOT)}, check=True
    )
    assert not list(tmp_path.iterdir())
