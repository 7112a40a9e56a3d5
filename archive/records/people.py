"""Records of persons, institutions and places, and of the ties between them."""

from typing import ClassVar

from archive.records.fields import Code, Country, Edtf, Language, Line, Listing, Text
from archive.records.links import Mention, Ref
from archive.records.parts import (
    Assertion,
    Coordinates,
    Criterion,
    Link,
    Name,
    Part,
    PersonStatus,
    RecordSchema,
)


class Person(RecordSchema):
    """A person or group in whatever role; one of whom only a description is known counts too."""

    type_name = "person"
    one_of: ClassVar = (("names", "pseudonym", "description"),)

    names = Listing(Part(Name))
    pseudonym = Line()
    counting_unit = Code("counting-units")
    description = Text()
    sex = Code("sexes")
    born = Edtf()
    born_at = Ref("place")
    died = Edtf()
    citizenships = Listing(Country())
    languages = Listing(Language())
    statuses = Listing(Part(PersonStatus))


class Institution(RecordSchema):
    """An organisation with all its names, its superiors, and what it was before and after."""

    type_name = "institution"
    one_of: ClassVar = (("names", "code"),)

    code = Code("institutions")
    names = Listing(Part(Name))
    kind = Code("institution-kinds")
    since = Edtf()
    until = Edtf()
    parents = Listing(Part(Link))
    predecessors = Listing(Part(Link))
    successors = Listing(Part(Link))
    place = Ref("place")
    address = Line()


class Place(RecordSchema):
    """A place, from a cell to a country."""

    type_name = "place"

    names = Listing(Part(Name), required=True)
    kind = Code("place-kinds")
    within = Ref("place")
    institution = Ref("institution")
    coordinates = Part(Coordinates)


class Post(RecordSchema):
    """A person's service in an institution for a time."""

    type_name = "post"

    person = Ref("person", required=True)
    institution = Ref("institution", required=True)
    position = Line()
    unit = Line()
    rank = Line()
    since = Edtf()
    until = Edtf()
    superior = Ref("person")


class Relation(RecordSchema):
    """A tie between two persons: `other` is the `kind` of `person`."""

    type_name = "relation"

    person = Ref("person", required=True)
    other = Ref("person", required=True)
    kind = Code("relations", required=True)
    since = Edtf()
    until = Edtf()


class Status(RecordSchema):
    """A status which an organisation recognised in a person, with the criteria and the reasons."""

    type_name = "status"

    person = Ref("person", required=True)
    scheme = Code("status-schemes", required=True)
    decision = Code("status-decisions", required=True)
    organisation = Mention("institution", vocabularies=("institutions",), required=True)
    date = Edtf()
    criteria = Listing(Part(Criterion))
    assertion = Part(Assertion, required=True)
