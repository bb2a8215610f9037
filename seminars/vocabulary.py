"""Choices: one list of kinds, roles, states, answers, presence kinds and sources, with their words."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Language(TextChoices):
    FRENCH = "fr", "Français"
    ITALIAN = "it", "Italiano"
    ENGLISH = "en", "English"


class Country(TextChoices):
    FRANCE = "FR", _("France")
    ITALY = "IT", _("Italy")


class Zone(TextChoices):
    PARIS = "Europe/Paris", _("Paris")
    ROME = "Europe/Rome", _("Rome")


class Kind(TextChoices):
    """The fourteen kinds of session (domain 4.2)."""

    PRESENTATION_SEMINAR = "presentation_seminar", _("Presentation seminar")
    RESTITUTION_SEMINAR = "restitution_seminar", _("Restitution seminar")
    PROSPECTIVE_MEETING = "prospective_meeting", _("Foresight meeting")
    IMMERSION_PLACEMENT = "immersion_placement", _("Immersion placement")
    DISTANCE_TRAINING = "distance_training", _("Distance-work training")
    TECHNICAL_SEMINAR = "technical_seminar", _("Cross-border technical seminar")
    WORKING_GROUP = "working_group", _("Working group")
    EXCHANGE_MEETING = "exchange_meeting", _("Exchange of practice")
    NETWORK_MEETING = "network_meeting", _("Network meeting")
    TEST_ACTION = "test_action", _("Test action")
    YOUTH_STAY = "youth_stay", _("Intercultural youth stay")
    ARTISTIC_RESIDENCY = "artistic_residency", _("Artistic residency")
    PUBLIC_EVENT = "public_event", _("Public event")
    PUBLIC_INFORMATION = "public_information", _("Bilingual public information")


class Mode(TextChoices):
    ONLINE = "online", _("Online")
    IN_PERSON = "in-person", _("In person")
    HYBRID = "hybrid", _("Hybrid")


class Interpretation(TextChoices):
    CONSECUTIVE = "consecutive", _("Consecutive interpretation")
    SIMULTANEOUS = "simultaneous", _("Simultaneous interpretation")


class Role(TextChoices):
    """What a person does, on the whole (Person.role) or in one session (TeamMember.role)."""

    PARTICIPANT = "participant", _("Participant")
    TRAINER = "trainer", _("Trainer")
    FACILITATOR = "facilitator", _("Facilitator")
    SPEAKER = "speaker", _("Speaker")
    RAPPORTEUR = "rapporteur", _("Rapporteur")
    COORDINATOR = "coordinator", _("Coordinator")
    INTERPRETER = "interpreter", _("Interpreter")
    PLACEMENT_TUTOR = "placement_tutor", _("Placement tutor")
    COMMUNICATION_OFFICER = "communication_officer", _("Communication officer")


HOST_ROLES = frozenset({Role.TRAINER, Role.FACILITATOR, Role.COORDINATOR, Role.COMMUNICATION_OFFICER})
"""Roles in a session's team that may run it: open, invite, move, close."""
PLANNING_ROLES = frozenset({Role.TRAINER, Role.FACILITATOR, Role.COORDINATOR, Role.COMMUNICATION_OFFICER})
"""Roles on the whole that may plan a new session."""


class Sector(TextChoices):
    PROFESSIONAL = "professional", _("Professional")
    ASSOCIATION = "association", _("Association")
    OFFICER = "officer", _("Officer")
    ELECTED = "elected", _("Elected member")
    RESIDENT = "resident", _("Resident")


class State(TextChoices):
    """Life of a session: draft -> scheduled -> running -> ended; scheduled | running -> cancelled."""

    DRAFT = "draft", pgettext_lazy("session state", "Draft")
    SCHEDULED = "scheduled", pgettext_lazy("session state", "Scheduled")
    RUNNING = "running", pgettext_lazy("session state", "In progress")
    ENDED = "ended", pgettext_lazy("session state", "Ended")
    CANCELLED = "cancelled", pgettext_lazy("session state", "Cancelled")


class Answer(TextChoices):
    """PARTSTAT in words (RFC 5545 3.2.12); empty is NEEDS-ACTION."""

    NONE = "", _("No answer yet")
    YES = "yes", pgettext_lazy("answer", "Yes")
    MAYBE = "maybe", pgettext_lazy("answer", "Maybe")
    NO = "no", pgettext_lazy("answer", "No")


PARTSTAT = {
    Answer.NONE: "NEEDS-ACTION",
    Answer.YES: "ACCEPTED",
    Answer.MAYBE: "TENTATIVE",
    Answer.NO: "DECLINED",
}


class Pulse(TextChoices):
    LOST = "lost", pgettext_lazy("pulse", "Lost")
    FOLLOWING = "following", pgettext_lazy("pulse", "Following")
    FINE = "fine", pgettext_lazy("pulse", "All is well")
    FASTER = "faster", pgettext_lazy("pulse", "Faster")
    BREAK = "break", pgettext_lazy("pulse", "A break")


class PresenceKind(TextChoices):
    """Facts of attendance (domain ATT-2); a beat is none of them."""

    JOINED = "joined", _("joined")
    LEFT = "left", _("left")
    RESUMED = "resumed", _("resumed")
    CHECKED_IN = "checked_in", _("checked in")
    CHECKED_OUT = "checked_out", _("checked out")
    CONFIRMED = "confirmed", _("answered the presence check")
    SIGNED = "signed", _("signed")
    DECLARED = "declared", _("declared by the trainer")
    CORRECTED = "corrected", _("corrected")


class Hand(TextChoices):
    """As what somebody signs a half-day."""

    PARTICIPANT = "participant", pgettext_lazy("signature", "participant")
    TRAINER = "trainer", pgettext_lazy("signature", "trainer")
    TUTOR = "tutor", pgettext_lazy("signature", "placement tutor")


class Where(TextChoices):
    """How somebody is present in a half-day (domain ATT-14)."""

    ROOM = "room", pgettext_lazy("presence", "in the room")
    VIDEO = "video", pgettext_lazy("presence", "by video")


class Source(TextChoices):
    COMPANION = "companion", _("companion page")
    ROOM = "room", _("video server")
    TRAINER = "trainer", pgettext_lazy("source", "trainer")
    PAPER = "paper", _("paper sheet")
    IMPORT = "import", pgettext_lazy("source", "import")


class Standing(TextChoices):
    """What a live screen says of a person now."""

    EXPECTED = "expected", _("expected")
    HERE = "here", _("here")
    CUT = "cut", _("line cut")
    VIDEO = "video", _("in video, not seen")
    ROOM = "room", pgettext_lazy("presence", "in the room")
    LEFT = "left", pgettext_lazy("presence", "left")
    DECLINED = "declined", _("said no")


class LetterKind(TextChoices):
    INVITATION = "invitation", _("Invitation")
    UPDATE = "update", _("Update")
    CANCELLATION = "cancellation", _("Cancellation")
    WITHDRAWAL = "withdrawal", _("Withdrawal of an invitation")
    MESSAGE = "message", _("Message")
    REMINDER = "reminder", _("Reminder")
    ASKING = "asking", _("Reminder to answer")
    SUBSTITUTION = "substitution", _("Decision about a substitute")
    CONVOCATION = "convocation", _("Convocation")
    FEEDBACK = "feedback", _("Request for feedback")
    SIGN_IN = "sign_in", _("Sign-in link")
    SEAL = "seal", _("Seal of an attendance sheet")


OWN_WORDS = (
    LetterKind.INVITATION,
    LetterKind.UPDATE,
    LetterKind.CANCELLATION,
    LetterKind.REMINDER,
    LetterKind.ASKING,
    LetterKind.CONVOCATION,
    LetterKind.FEEDBACK,
)
"""Letters to which a trainer may add words of her own."""
STOPPABLE = (LetterKind.MESSAGE, LetterKind.REMINDER, LetterKind.ASKING, LetterKind.FEEDBACK)
"""Letters that their reader may refuse, kind by kind (RFC 8058); the others say what she must know."""


class Audience(TextChoices):
    """Whom a word to the people of a session reaches."""

    EVERYBODY = "everybody", _("Everybody who did not say no")
    UNANSWERED = "unanswered", _("Those who have not answered")
    COMING = "coming", _("Those who said yes")


class FeedScope(TextChoices):
    """Which of her sessions stand in a person's own feed."""

    ALL = "all", _("All my sessions")
    COMING = "coming", _("Those I said yes to, and those I lead")
    LEADING = "leading", _("Those I lead")


class LetterState(TextChoices):
    PENDING = "pending", pgettext_lazy("letter", "waiting to leave")
    SENT = "sent", pgettext_lazy("letter", "sent")
    SUPERSEDED = "superseded", pgettext_lazy("letter", "replaced by a newer one")
    FAILED = "failed", pgettext_lazy("letter", "refused")
    DEAD = "dead", pgettext_lazy("letter", "given up after many tries")


class Paper(TextChoices):
    """Documents made of a sheet or of a cycle (domain ATT-8, ATT-9). French and Italian names stay in every language:
    they name what each law or funder knows."""

    EMARGEMENT = "emargement", _("Feuille d’émargement (France)")
    REGISTRO = "registro", _("Registro presenze (Italy)")
    PARTICIPANTS = "participants", _("List of participants (Interreg)")
    PROGRAMME = "programme", _("Programme")
    BLANK = "blank", _("Sheet to be signed on paper")


class Certified(TextChoices):
    """Documents of one person."""

    REALISATION = "realisation", _("Certificat de réalisation (France)")
    ATTESTATO = "attestato", _("Attestato di partecipazione (Italy)")
    BILINGUAL = "bilingual", _("Bilingual certificate")
    SAME_DAY = "same_day", _("Attestation of the same day")


class Outcome(TextChoices):
    """Whether somebody has completed a training cycle."""

    MET = "met", pgettext_lazy("completion", "completed")
    NOT_MET = "not_met", pgettext_lazy("completion", "not completed")
    OPEN = "open", pgettext_lazy("completion", "to be decided by the trainer")


class Asked(TextChoices):
    """Forms that a training scheme may ask for."""

    NEEDS = "needs", _("Questionnaire on needs, before")
    ASSESSMENT = "assessment", _("Assessment of learning, after")


class Profile(TextChoices):
    """How long evidence is kept, from the end of the year of the last payment (domain GDPR-4)."""

    TRAINING_FR = "training_fr", _("French training law: 3 years")
    EU_INTERREG = "eu_interreg", _("European cohesion funds: 5 years")
    STATE_AID = "state_aid", _("State aid: 10 years")
    PUBLIC = "public", _("Public event: nothing is kept")
