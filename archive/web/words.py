"""Our codes in people's words: roles, rights, uses, purposes, events and outcomes."""

from archive.events import CustodyEvent
from archive.kinds import Kind, Outcome, RenditionKind
from archive.nouns import Action, Role
from archive.uses import RightsBasis, Use
from archive.vocabulary import label
from archive.web.languages import language
from archive.web.languages import translate as _


def role_words(role: Role | str) -> str:
    """Name a role."""
    words = {
        Role.DOCUMENTER: _("documenter"),
        Role.LAWYER: _("lawyer"),
        Role.AUDITOR: _("auditor"),
        Role.CUSTODIAN: _("custodian"),
    }
    return words[Role(role)]


def role_explained(role: Role) -> str:
    """Say what a role is for."""
    words = {
        Role.DOCUMENTER: _("Hands in testimonies and files; does not see what others handed in."),
        Role.LAWYER: _("Searches and reads what she was given, and prepares cases."),
        Role.AUDITOR: _("Checks that nothing was altered; cannot read a single testimony."),
        Role.CUSTODIAN: _("Gives and withdraws rights."),
    }
    return words[role]


def action_words(action: Action) -> str:
    """Name a right."""
    words = {
        Action.CONTRIBUTE: _("hand in"),
        Action.READ: _("search and read"),
        Action.DESCRIBE: _("describe"),
        Action.RELEASE: _("release to others"),
        Action.DESTROY: _("destroy"),
        Action.AUDIT: _("audit"),
        Action.MANAGE: _("give and withdraw rights"),
    }
    return words[action]


def use_words(use: Use | str) -> str:
    """Name a use, which is also the purpose one reads for."""
    return label("uses", str(use), language())


def use_explained(use: Use) -> str:
    """Say what somebody who allows a use agrees to."""
    words = {
        Use.STORE: _("The archive keeps it, sealed. Nobody reads it. This is always included."),
        Use.ANALYSIS: _("People of the organisation may read it to understand what happened."),
        Use.COURT: _("Lawyers may read it and use it in court, in any country."),
        Use.COMMISSION: _("A future truth commission may read it."),
        Use.UN_MECHANISM: _("Investigators of the United Nations may read it."),
        Use.PUBLICATION: _("Parts of it may be made public."),
        Use.RESEARCH: _("Historians and other scholars may read it."),
        Use.SUCCESSOR_ARCHIVE: _("It may be handed to the archive that follows this one."),
    }
    return words[use]


def flag_words(flag: str) -> str:
    """Say what a reader is warned of."""
    words = {
        "graphic": _("Describes or shows violence"),
        "minors": _("Concerns children"),
        "sexual_violence": _("Concerns sexual violence"),
    }
    return words[flag]


def flag_explained(flag: str) -> str:
    """Say what a documenter means who ticks a warning."""
    words = {
        "graphic": _("It shows or describes injuries, torture or death."),
        "minors": _("Somebody who is not yet 18 speaks, is shown or is spoken of."),
        "sexual_violence": _("It tells or shows sexual violence, also against men."),
    }
    return words[flag]


def basis_explained(basis: RightsBasis) -> str:
    """Say what a rights basis means."""
    words = {
        RightsBasis.CONSENT: _("The person it is about, or who told it, agreed."),
        RightsBasis.PUBLIC: _("It was already public: a website, a newspaper, a court notice."),
        RightsBasis.STATUTE: _("A law allows it to be kept and used."),
        RightsBasis.POLICY: _("A written rule of the organisation allows it."),
    }
    return words[basis]


def kind_words(kind: Kind) -> str:
    """Say what kind of thing happened."""
    words = {
        Kind.GENESIS: _("The archive was founded"),
        Kind.ENROLMENT: _("Somebody was enrolled"),
        Kind.COMPARTMENT: _("A compartment was founded"),
        Kind.EPOCH: _("A compartment got a new key"),
        Kind.IDENTITY: _("The key of a compartment was handed out"),
        Kind.GRANT: _("A right was given"),
        Kind.REVOCATION: _("A right was withdrawn"),
        Kind.ACCESSION: _("The archive took it into custody"),
        Kind.RENDITION: _("Another form of it was added"),
        Kind.RECORD: _("A description was written"),
        Kind.POLICY: _("It was recorded what it may be used for"),
        Kind.EXTRACTION: _("Its text was looked for"),
        Kind.INDEXING: _("Its words were queued for the index"),
        Kind.SEARCH: _("A search showed it"),
        Kind.READING: _("It was opened for reading"),
        Kind.AUDIT: _("The archive was audited"),
        Kind.ROTATION: _("Somebody replaced her keys"),
        Kind.RESEALING: _("Rights were sealed to somebody's new key"),
        Kind.SUSPENSION: _("Somebody was suspended"),
        Kind.CREDENTIAL: _("Somebody changed how she signs in"),
        Kind.TRUSTEES: _("New trustees were appointed"),
        Kind.RECOVERY: _("A compartment was sealed to the trustees"),
        Kind.DRILL: _("The trustees tried their shares"),
        Kind.SETTING: _("A compartment was set to take two persons, or one"),
        Kind.PROPOSAL: _("Something was proposed that takes two persons"),
        Kind.APPROVAL: _("A proposal was answered"),
        Kind.REWRAP: _("What is in a compartment was sealed to its new key"),
        Kind.HOLD: _("It was put under a hold"),
        Kind.LIFT: _("A hold was lifted"),
        Kind.ORDER: _("Its destruction was ordered"),
        Kind.CANCELLATION: _("Its destruction was cancelled"),
        Kind.DESTRUCTION: _("It was destroyed"),
        Kind.UNMASKING: _("It was read who a pseudonym stands for"),
        Kind.SUBMISSION: _("It came in a pack, as somebody claims it"),
        Kind.CONFIRMATION: _("It was compared with what its pack says"),
        Kind.SUCCESSION: _("A restored backup went on under a new log"),
        Kind.READMISSION: _("A receipt put on record what was lost with the earlier log"),
        Kind.FIXITY: _("All stores were compared with the log"),
        Kind.INSPECTION: _("An auditor began to read the archive from her own machine"),
        Kind.TRANSFER: _("Its original was offered to another"),
        Kind.ACCEPTANCE: _("Its original was taken over"),
        Kind.RETRACTION: _("Its original was not handed on"),
        Kind.FAILURES: _("Attempts to sign in failed that day"),
    }
    return words.get(kind) or kind.value


def event_detail(event: CustodyEvent) -> str:
    """Say what else is known of an event, as far as the log tells it."""
    data = event.data
    match event.kind:
        case Kind.SEARCH | Kind.READING:
            return _("Purpose: %(purpose)s", purpose=use_words(data["purpose"]))
        case Kind.RENDITION:
            return form_words(RenditionKind(data["kind"]))
        case Kind.CONFIRMATION:
            matches = data["outcome"] == Outcome.SUCCESS
            return _("it is what its pack says") if matches else _("it is not what its pack says")
        case Kind.TRANSFER:
            return medium_words(data["medium"])
        case Kind.ACCEPTANCE if data["outcome"] == Outcome.WARNING:
            return _("not as it was offered")
        case Kind.EXTRACTION:
            return outcome_words(data["outcome"])
        case Kind.POLICY:
            return label("rights-bases", data["basis"], language())
        case _:
            return ""


def medium_words(medium: str) -> str:
    """Name what the original of an item is on."""
    return label("media", medium, language())


def offer_state_words(state: str) -> str:
    """Say where an offer of an original stands."""
    words = {
        "open": _("waits for an answer"),
        "accepted": _("taken over"),
        "differing": _("taken over, not as it was offered"),
        "refused": _("refused"),
        "withdrawn": _("withdrawn"),
    }
    return words[state]


def form_words(kind: RenditionKind) -> str:
    """Name a form of an item."""
    words = {
        RenditionKind.ORIGINAL: _("original"),
        RenditionKind.TEXT: _("text"),
        RenditionKind.TRANSCRIPT: _("transcript"),
        RenditionKind.TRANSLATION: _("translation"),
        RenditionKind.REDACTION: _("redaction"),
        RenditionKind.THUMBNAIL: _("small picture"),
    }
    return words[kind]


def outcome_words(outcome: str) -> str:
    """Say how something ended."""
    return {"success": _("succeeded"), "fail": _("failed"), "warning": _("with a warning")}[outcome]


def place_words(locator: str) -> str:
    """Say where in an item a passage is: `page:3` is page 3."""
    names = {
        "page": _("page"),
        "paragraph": _("paragraph"),
        "message": _("message"),
        "attachment": _("attachment"),
        "sheet": _("sheet"),
        "slide": _("slide"),
        "time": _("at"),
        "part": _("part"),
    }
    steps = (step.partition(":") for step in locator.split("/") if step)
    return ", ".join(f"{names.get(name, name)} {value}".strip() for name, _colon, value in steps)


def facet_words(facet: str) -> str:
    """Name a facet."""
    words = {
        "perpetrator": _("Alleged perpetrators"),
        "institution": _("Institutions"),
        "place": _("Places"),
        "language": _("Languages"),
    }
    return words[facet]
