"""The file given with `deposit --describe`, and what an item's description says about its rights."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from archive.records.faults import Fault, FaultyRecord, kind_of
from archive.records.registry import load_record
from archive.uses import ConsentState, RightsBasis, Use, effective_uses

#: What a reader is warned of before anything of an item is shown: fields of its description.
FLAGS = ("graphic", "minors", "sexual_violence")


@dataclass(frozen=True, slots=True)
class Description:
    """The description of one item: canonical data of the record type `item`. Nothing said: storage only."""

    data: Mapping[str, Any]

    @property
    def basis(self) -> RightsBasis | None:
        """Return the rights basis, if one was stated."""
        return RightsBasis(self.data["rights_basis"]) if "rights_basis" in self.data else None

    @property
    def declared(self) -> frozenset[Use]:
        """Return the uses which a statute or policy names."""
        return frozenset(map(Use, self.data.get("uses", ())))

    @property
    def consents(self) -> tuple[ConsentState, ...]:
        """Return the consent stated with the deposit, if any."""
        return (consent_state(self.data["consent"]),) if "consent" in self.data else ()

    def uses(self, further: Iterable[ConsentState] = ()) -> frozenset[Use]:
        """Return the uses now allowed, given the consents recorded since."""
        return effective_uses(self.basis, self.declared, (*self.consents, *further))

    @property
    def minor_alone(self) -> bool:
        """Whether it concerns minors and only the person herself consented."""
        return bool(self.data.get("minors")) and given_alone(self.data.get("consent", {}))


def flags_of(data: Mapping[str, Any]) -> tuple[str, ...]:
    """Return what a reader of an item with this description is warned of, in codes of `FLAGS`."""
    return tuple(flag for flag in FLAGS if data.get(flag))


def given_alone(consent: Mapping[str, Any]) -> bool:
    """Say whether a consent was given by the person herself: for a minor that does not do."""
    return consent.get("given_by") == "self"


def consent_state(data: Mapping[str, Any]) -> ConsentState:
    """Read the state of consent from a `consent` record or from the consent within a description."""
    return ConsentState(
        frozenset(map(Use, data["uses"])), "withdrawn_on" in data, bool(data.get("contact_first"))
    )


def load_description(value: object, paths: Iterable[str]) -> dict[str, Description]:
    """Return the description of each deposited path.

    `value` is one object for all paths, or a list of objects each with `path`: a deposited path or a folder
    above some; the nearest wins, and a path nobody describes gets an empty description. Raises I14 (a
    `FaultyRecord`) with all faults.
    """
    deposited = tuple(paths)
    if not isinstance(value, list):
        described, faults = _load(value, "")
        _raise_if(faults)
        return dict.fromkeys(deposited, Description(described))
    by_path = _load_list(value, deposited)
    return {path: Description(_nearest(by_path, path)) for path in deposited}


def _load_list(entries: list[Any], deposited: tuple[str, ...]) -> dict[PurePath, dict[str, Any]]:
    reachable = {above for path in deposited for above in _upwards(path)}
    by_path: dict[PurePath, dict[str, Any]] = {}
    faults: list[Fault] = []
    for position, entry in enumerate(entries):
        path = entry.get("path") if isinstance(entry, dict) else None
        if not isinstance(path, str) or PurePath(path) not in reachable:
            faults.append(
                Fault(f"[{position}].path", "a deposited path or a folder above one", kind_of(path))
            )
        elif PurePath(path) in by_path:
            faults.append(Fault(f"[{position}].path", "a path described once", "one described before"))
        rest = {k: v for k, v in entry.items() if k != "path"} if isinstance(entry, dict) else entry
        described, more = _load(rest, f"[{position}]")
        faults += more
        if isinstance(path, str):
            by_path[PurePath(path)] = described
    _raise_if(faults)
    return by_path


def _load(value: object, path: str) -> tuple[dict[str, Any], list[Fault]]:
    try:
        return load_record("item", value), []
    except FaultyRecord as refused:
        return {}, [f._replace(path=f"{path}.{f.path}".strip(".")) for f in refused.faults]


def _raise_if(faults: list[Fault]) -> None:
    if faults:
        raise FaultyRecord("I14", "a description", faults)


def _upwards(path: str) -> tuple[PurePath, ...]:
    return (PurePath(path), *PurePath(path).parents)


def _nearest(by_path: dict[PurePath, dict[str, Any]], path: str) -> dict[str, Any]:
    return next((by_path[above] for above in _upwards(path) if above in by_path), {})
