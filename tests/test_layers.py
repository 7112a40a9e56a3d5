"""The import rules of ARCHITECTURE.md, checked on every run."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
OURS = {"archive", "keys", "storage", "ingest", "search"}
DOORS = (
    "archive.web",
    "archive.cli",
    "archive.assemble",
    "archive.demo",
    "archive.mirror",
    "archive.packer",
    "archive.cosigners",
)

# The longest matching prefix wins: (our packages, third-party packages).
RULES = {
    "archive": ({"archive"}, set()),
    "archive.records": ({"archive"}, {"marshmallow", "edtf"}),
    # Only for speed and ML-DSA-44: where it is not installed, the verifier does without.
    "archive.verifier": ({"archive"}, {"cryptography"}),
    "archive.access": ({"archive", "keys", "storage"}, set()),
    "keys": ({"archive", "keys"}, {"cryptography", "rfc3161_client", "shamir_mnemonic"}),
    "storage": ({"archive", "storage"}, {"sqlalchemy"}),
    "ingest": ({"archive", "keys", "storage", "ingest"}, {"magic", "kreuzberg", "blake3"}),
    "search": ({"archive", "keys", "storage", "search"}, {"whoosh", "tantivy", "Stemmer"}),
    "archive.web": (OURS, {"flask", "flask_babel", "markupsafe", "segno", "typst", "werkzeug", "gunicorn"}),
    "archive.cosigners": ({"archive", "keys", "storage"}, set()),
    "archive.cli": (OURS, {"click", "rich", "segno"}),
    "archive.demo": (OURS, set()),
    "archive.mirror": ({"archive", "keys", "storage"}, set()),
    "archive.packer": (OURS, set()),
    "archive.assemble": (OURS, set()),
}


def modules():
    for package in sorted(OURS):
        for path in sorted((ROOT / package).rglob("*.py")):
            parts = path.relative_to(ROOT).with_suffix("").parts
            yield ".".join(p for p in parts if p != "__init__"), path


def imports(path):
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def under(name, prefix):
    return name == prefix or name.startswith(prefix + ".")


#: Who may open sealed bytes: everything else gets plaintext from `search.disclosure`, or not at all.
OPENERS = {
    "archive.access.claimed",
    "archive.access.opening",
    "archive.access.pack_receipts",
    "archive.access.receipts",
    "keys.cosigner_keys",
    "keys.keyfile",
    "search.renditions",
    "search.sealed_files",
    "search.sealed_index",
}
#: Nothing of the core, which is zipped into the verifier, may lean on these.
ABOVE_THE_CORE = ("archive.access", "archive.records", "archive.verifier", "archive.vocabulary", *DOORS)


def is_core(module):
    return (
        module.count(".") <= 1
        and module.startswith("archive")
        and not any(under(module, above) for above in ABOVE_THE_CORE)
    )


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda v: v if isinstance(v, str) else "")
def test_only_the_openers_open_sealed_bytes(module, path):
    opening = {"keys.sealing.open_", "keys.sealing.open_stream", "keys.sealing.unwrap"}
    found = opening.intersection(imports(path))
    assert not found or module in OPENERS, f"{module} imports {found}"


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda v: v if isinstance(v, str) else "")
def test_the_core_leans_on_nothing_above_it(module, path):
    if is_core(module):
        for name in imports(path):
            assert not any(under(name, above) for above in ABOVE_THE_CORE), f"{module} imports {name}"


def test_no_modules_import_each_other_in_a_circle():
    known = dict(modules())
    edges = {}
    for module, path in known.items():
        wanted = (name if name in known else name.rpartition(".")[0] for name in imports(path))
        edges[module] = {name for name in wanted if name in known and name != module}
    while True:
        leaves = {module for module, needs in edges.items() if not needs}
        if not leaves:
            break
        edges = {module: needs - leaves for module, needs in edges.items() if module not in leaves}
    assert not edges, f"import cycle among {sorted(edges)}"


@pytest.mark.parametrize(("module", "path"), list(modules()), ids=lambda v: v if isinstance(v, str) else "")
def test_module_imports_only_what_its_layer_allows(module, path):
    ours, third_party = RULES[max((r for r in RULES if under(module, r)), key=len)]
    for name in imports(path):
        root = name.partition(".")[0]
        if root in OURS:
            assert root in ours, f"{module} may not import {name}"
            if not any(under(module, d) for d in DOORS):
                assert not any(under(name, d) for d in DOORS), f"{module} may not import {name}"
        else:
            assert root in third_party | sys.stdlib_module_names, f"{module} may not import {name}"
