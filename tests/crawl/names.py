"""What a crawl puts where a page or a command takes a name: of things granted, foreign, and not there at all."""

from dataclasses import asdict, dataclass, fields, replace

from planted import BORIS, FAR, LADA, LENA, NEAR, OLGA, VERA, WANDA, Planted, word


@dataclass(frozen=True)
class Names:
    """One value of every kind that can be named."""

    item: str
    label: str
    compartment: str
    handle: str
    text: str
    culprit: str
    town: str
    file: str
    code: str
    form: str
    record: str
    proposal: str

    def masked(self, told: str) -> str:
        """Return an answer without what was asked for, which pages repeat."""
        for field in sorted(fields(self), key=lambda one: -len(getattr(self, one.name))):
            told = told.replace(getattr(self, field.name), f"‹{field.name}›")
        return told

    def values(self) -> set[str]:
        return set(asdict(self).values())


def names_of(world: Planted, what: str, place: str, handle: str) -> Names:
    return Names(
        item=world.ids[what],
        label=word(place),
        compartment=world.ids[place],
        handle=handle,
        text=word(f"{what}, text"),
        culprit=word(f"{what}, culprit"),
        town=word(f"{what}, town"),
        file=word(f"{what}, file"),
        code=world.codes[what],
        form=world.ids[f"{what}, form"],
        record=world.ids[f"{place}, person"],
        proposal=world.ids["proposal"],
    )


def granted(world: Planted) -> Names:
    return names_of(world, "near, wanda's", NEAR, LENA)


def foreign(world: Planted) -> Names:
    return names_of(world, "far, wanda's", FAR, LADA)


#: As long as what they stand for, and nowhere in any archive.
DECOY = Names(
    item="d" * 25 + "a",
    label=word("no label"),
    compartment="e" * 25 + "a",
    handle="nobodyzqok"[: len(LADA)],
    text=word("no text"),
    culprit=word("no culprit"),
    town=word("no town"),
    file=word("no file"),
    code="acid acid acid acid acid acid",
    form="h" * 25 + "a",
    record="f" * 25 + "a",
    proposal="g" * 25 + "a",
)


def pairs(world: Planted, who: str | None) -> list[tuple[str, Names, Names]]:
    """Return what is foreign to somebody, beside what is not there: both have to be answered alike."""
    far, decoy = foreign(world), DECOY
    if who in (BORIS, OLGA):
        # They see the list of agents.
        far, decoy = replace(far, handle=WANDA), replace(decoy, handle=WANDA)
    if who == OLGA:
        # The log, all of which an auditor sees, names every id.
        same = {name: getattr(decoy, name) for name in ("item", "compartment", "form", "record", "proposal")}
        far = replace(far, **same)
    found = [("foreign", far, decoy)]
    near = replace(granted(world), handle=WANDA)
    beside = replace(decoy, label=near.label, compartment=near.compartment, handle=WANDA)
    if who == VERA:
        found.append(("another's", near, beside))
    if who in (VERA, LENA, BORIS):
        # What is foreign, under a label that she knows.
        nobody = {"label": near.label, "compartment": near.compartment, "handle": DECOY.handle}
        found.append(("misplaced", replace(far, **nobody), replace(beside, **nobody, text=word("nor text"))))
    return found
