"""Records of who did what to whom, and what was done about it."""

from typing import ClassVar

from archive.records.fields import Code, Edtf, Flag, Line, Listing, Text
from archive.records.links import Mention, Ref
from archive.records.parts import Article, Assertion, Part, RecordSchema


class Act(RecordSchema):
    """One act or omission, against however many victims."""

    type_name = "act"

    type = Code("acts", required=True)
    methods = Listing(Code("methods"))
    omission = Flag()
    date = Edtf()
    place = Ref("place")
    event = Ref("event")
    institutions = Listing(Ref("institution"))
    victims = Listing(Ref("person"))
    description = Text()
    stated_reason = Text()
    physical_consequences = Text()
    psychological_consequences = Text()


class Involvement(RecordSchema):
    """One alleged perpetrator's part in one act; who is unknown is described."""

    type_name = "involvement"
    one_of: ClassVar = (("perpetrator", "perpetrator_description"),)

    act = Ref("act", required=True)
    perpetrator = Ref("person")
    perpetrator_description = Text()
    mode = Code("involvement-modes", required=True)
    post = Ref("post")
    institution = Ref("institution")
    status = Code("person-statuses")
    assertion = Part(Assertion, required=True)


class Identification(RecordSchema):
    """The claim that a nickname, mask or unknown person is a certain person: reversible, never a merge."""

    type_name = "identification"
    one_of: ClassVar = (("described", "designation"),)

    described = Ref("person")
    designation = Line()
    person = Ref("person", required=True)
    basis = Code("identification-bases", required=True)
    explanation = Text()
    date = Edtf()
    withdrawn_on = Edtf()
    withdrawal_reason = Text()
    assertion = Part(Assertion, required=True)


class MedicalFinding(RecordSchema):
    """One finding, and how far it agrees with what is alleged (Istanbul Protocol)."""

    type_name = "medical-finding"

    person = Ref("person", required=True)
    acts = Listing(Ref("act"))
    kind = Code("finding-kinds", required=True)
    finding = Text(required=True)
    alleged = Text()
    consistency = Code("istanbul-grades", required=True)
    examiner = Mention("person", "institution")
    date = Edtf()
    place = Ref("place")
    items = Listing(Ref("item"))


class Measure(RecordSchema):
    """What the authorities imposed on a person, on what ground, and how it ended."""

    type_name = "measure"

    person = Ref("person", required=True)
    kind = Code("measures", required=True)
    articles = Listing(Part(Article))
    court = Mention("institution", vocabularies=("institutions",))
    case_number = Line()
    sentence = Line()
    institution = Ref("institution")
    place = Ref("place")
    since = Edtf()
    until = Edtf()
    ended_by = Code("measure-endings")


class Intervention(RecordSchema):
    """What somebody did about an event or for a person, and what came of it."""

    type_name = "intervention"

    kind = Code("interventions", required=True)
    by = Mention("person", "institution")
    addressed_to = Mention("person", "institution", vocabularies=("institutions",))
    persons = Listing(Ref("person"))
    event = Ref("event")
    date = Edtf()
    description = Text()
    response = Text()
