"""Both doors: no page and no command without a rule, and every rule is the one that is written here."""

import ast
from pathlib import Path

import click
import pytest

from archive.cli import asking
from archive.cli.entering import entered
from archive.cli.program import COMMANDS, program
from archive.errors import AccessError
from archive.nouns import Role
from archive.policy import ANYONE, OFFLINE, OPERATOR, Entrance, Rule, admits, agents
from archive.web.gate import rule_of
from archive.web.routes import ROUTES

CLI = Path(asking.__file__).parent
#: Parts of addresses at which something is shown or changed.
WORDS = [
    "read",
    "original",
    "sealed",
    "consents",
    "give",
    "withdraw",
    "suspend",
    "enrol",
    "replace",
    "remove",
    "hold",
    "lift",
    "destroy",
    "cancel",
    "now",
]
#: The only modules of the command line that open an archive, and why.
OPENERS = {
    "anchoring": "has the log timestamped, which tells nothing of what it holds",
    "entering": "signs in",
    "checkups": "the doctor looks at what needs no passphrase",
    "backups": "copies what is sealed",
    "readmitting": "puts on record what a receipt proves",
    "copies": "copies what is sealed",
    "fixity": "hashes what is sealed",
    "preserving": "the archive itself destroys what is due",
    "submitting": "takes in what is sealed",
    "trustees": "shares of the recovery key stand for a passphrase",
}


def commands(group=program, words=()):
    """Yield every command that can be run, by its words."""
    context = click.Context(group)
    for name in group.list_commands(context):
        found = group.get_command(context, name)
        if isinstance(found, click.Group):
            yield from commands(found, (*words, name))
        else:
            yield (*words, name), found


def test_every_command_has_a_rule():
    found = dict(commands())
    assert {words[0] for words in found} == set(COMMANDS)
    for words, command in found.items():
        assert isinstance(getattr(command, "rule", None), Rule), " ".join(words)


def test_there_is_no_command_without_a_rule():
    with pytest.raises(TypeError, match="rule"):
        asking.command("forgotten")
    with pytest.raises(TypeError, match="rule"):
        asking.Command("forgotten")


def test_every_page_has_a_rule():
    for method, address, view in ROUTES:
        assert isinstance(rule_of(view), Rule), f"{method} {address}"
        assert method in ("GET", "POST"), address


def test_a_page_that_changes_something_or_shows_testimony_is_a_post():
    # The token, which only forms carry, is what keeps other sites from asking in her name.
    for word in WORDS:
        methods = {method for method, address, _view in ROUTES if word in address.split("/")}
        assert methods <= {"POST"}, word


@pytest.mark.parametrize("role", [None, *Role])
def test_a_rule_lets_in_whom_it_names(role):
    assert admits(ANYONE, role)
    assert admits(agents(), role) is (role is not None)
    assert admits(agents(Role.LAWYER), role) is (role is Role.LAWYER)
    for rule in (OFFLINE, OPERATOR):
        assert admits(rule, role) is (role is None)


@pytest.mark.parametrize("entrance", [Entrance.OFFLINE, Entrance.OPERATOR])
def test_where_nobody_signs_in_nothing_is_opened(entrance, tmp_path):
    asked = asking.Asked(tmp_path, "anna", tmp_path / "passphrase", None, False, Rule(entrance))
    with pytest.raises(AccessError) as caught, entered(asked):
        pass
    assert caught.value.code == "A80"


def test_nothing_at_the_command_line_opens_an_archive_past_the_rules():
    for path in sorted(CLI.glob("*.py")):
        names = {
            alias.name
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom)
            for alias in node.names
        }
        if names & {"open_archive", "sign_in"}:
            assert path.stem in OPENERS, path.name
