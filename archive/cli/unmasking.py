"""`sviedka unmask`: reading who the witness is."""

import json
from collections.abc import Iterator

import click

from archive.cli.asking import Asked, command
from archive.cli.entering import confirmed, entered
from archive.cli.showing import note, plain, show
from archive.errors import IntakeError
from archive.ids import Id
from archive.nouns import Role
from archive.policy import agents
from search.unmasking import Identity, unmask

WARNING = (
    "This shows who a witness is. It is recorded under your name, with your purpose, before you see "
    "anything; your reason is kept sealed beside the identity."
)


@command("unmask", rule=agents(Role.DOCUMENTER, Role.LAWYER, Role.CUSTODIAN))
@click.argument("subject", metavar="ITEM|RECORD")
@click.option("--reason", required=True, help="Why; kept sealed beside the identity.")
@click.option("--yes", is_flag=True, help="Do not ask.")
def unmask_command(asked: Asked, *, subject: str, reason: str, yes: bool) -> None:
    """Read who is behind ITEM or RECORD, from the companion compartment. Needs --purpose."""
    if not reason.strip():
        raise IntakeError("I75", "--reason says nothing", expected="a reason")
    if asked.purpose is None:
        raise IntakeError("I97", "for what purpose? Give --purpose")
    note(WARNING)
    with entered(asked) as (archive, sitting):
        confirmed("Go on?", yes=yes)
        found = unmask(archive, sitting, Id(subject), reason.strip())
    value = [
        {"record": one.record, "type": one.type, "compartment": one.label, "data": one.data} for one in found
    ]
    show(asked, value, _lines(found))


def _lines(found: list[Identity]) -> Iterator[str]:
    for one in found:
        yield f"# {one.type} {one.record} in {plain(one.label)}"
        for name, said in one.data.items():
            text = said if isinstance(said, str) else json.dumps(said, ensure_ascii=False)
            yield f"{name}: {plain(text)}"
