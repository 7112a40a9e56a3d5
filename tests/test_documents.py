"""Documents that go stale fail here."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), *(ROOT / "archive").rglob("*.md")])
#: Any address at all: pinned packages are named, with hashes, and found wherever the machine is told to look.
ELSEWHERE = re.compile(r"https?://")


def all_tests():
    return set(
        re.findall(
            r"^def (test_\w+)", "\n".join(p.read_text() for p in ROOT.glob("tests/**/test_*.py")), re.M
        )
    )


def test_every_test_that_the_threat_model_names_exists():
    named = set(re.findall(r"`(test_\w+)`", (ROOT / "THREATS.md").read_text()))
    assert named
    assert named <= all_tests(), f"missing: {sorted(named - all_tests())}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_link_and_path_in_a_document_leads_somewhere(document):
    text = document.read_text()
    for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
        assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_every_module_the_architecture_names_exists():
    text = (ROOT / "ARCHITECTURE.md").read_text()
    for path in re.findall(r"`((?:archive|keys|storage|ingest|search)/[\w/]+\.py)`", text):
        assert (ROOT / path).is_file(), f"ARCHITECTURE.md names {path}"


def test_what_is_installed_is_named_without_an_address():
    for path in [ROOT / "Makefile", ROOT / "pyproject.toml", *ROOT.glob("requirements/*.txt")]:
        assert not ELSEWHERE.search(path.read_text()), path
