"""What personal data are kept for: purpose, legal basis, fields, retention; the privacy notice shows it (GDPR 13)."""

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Purpose:
    name: Words
    basis: Words
    fields: Words
    kept: Words
    days: int = 0
    """Where a setting says how long: `kept` then quotes it as %(days)s."""

    @property
    def retention(self) -> str:
        return str(self.kept) % {"days": self.days} if self.days else str(self.kept)


PUBLIC_TASK = _("Public task, or legitimate interest of the partners (art. 6.1 e, f)")
OBLIGATION = _("Legal obligation: proof for the funding bodies (art. 6.1 c)")
OBLIGATION_TO_STOP = _("Legal obligation: your right to object (art. 6.1 c, 21)")
CONSENT = _("Your consent, given by writing it (art. 6.1 a and 9.2 a): it may tell of your health")

PURPOSES = (
    Purpose(
        _("Inviting to sessions and planning them"),
        PUBLIC_TASK,
        _("Name, mail address, organisation, country, language, time zone, answer to the invitation"),
        _("As long as the programme runs, and then as its funding rules demand"),
    ),
    Purpose(
        _("Letters and calendars"),
        PUBLIC_TASK,
        _("Mail address, letters sent, keys of calendars (as a digest only)"),
        _("Letters with their session; a key until the end chosen for it, or until you revoke it"),
    ),
    Purpose(
        _("A word with your answer"),
        CONSENT,
        _("What you write, for instance what you need to take part. Only those who run the session read it"),
        _("With your invitation; until the start you can empty it"),
    ),
    Purpose(
        _("Somebody who comes in your place"),
        PUBLIC_TASK,
        _("Name, mail address, language and a word about that person, as you give them"),
        _(
            "Without a decision, two days after the session at most; of who is declined, until the letter about it has "
            "left. Who is confirmed is invited like everybody"
        ),
    ),
    Purpose(
        _("Groups of people who are invited together"),
        PUBLIC_TASK,
        _("Name, mail address, organisation, language; seen by those who plan for the group’s organisation"),
        _(
            "Until you are taken out or the group is deleted; who was never invited is then forgotten within days"
        ),
    ),
    Purpose(
        _("Kinds of letters that you have stopped"),
        OBLIGATION_TO_STOP,
        _("The kind of letter, and when you stopped it"),
        _("Until you want these letters again"),
    ),
    Purpose(
        _("Whether a letter has arrived"),
        PUBLIC_TASK,
        _("What mail servers report of a letter: arrived, came back and why, and when"),
        _("With the letter"),
    ),
    Purpose(
        _("Attendance and its proof"),
        OBLIGATION,
        _(
            "When you came and left, minutes per half-day, what a trainer confirmed and why. No network address"
        ),
        _("Five years from the end of the year of the last payment, longer where a rule of aid says so"),
    ),
    Purpose(
        _("Inspections from outside"),
        OBLIGATION,
        _("Names and presence, shown to an inspector by a link that ends; that the link was used, and when"),
        _("With the session"),
    ),
    Purpose(
        _("Log of exports"),
        OBLIGATION,
        _("Who took data out of here, which, and when"),
        _("With the session; of one’s own archive, until erasure"),
    ),
    Purpose(
        _("Meeting by video"),
        PUBLIC_TASK,
        _(
            "First name and initial, told to the video server when you press Join. Camera and recording: never required"
        ),
        _("Not kept by us"),
    ),
    Purpose(
        _("Pulse and raised hand"),
        PUBLIC_TASK,
        _("What you tapped, shown to hosts without your name; with fewer than five people, without figures"),
        _("Until the session closes; totals stay, without names"),
    ),
    Purpose(
        _("Feedback after a session"),
        PUBLIC_TASK,
        _("Your answers, kept apart from your name and from the hour"),
        _("Answers without names stay; the form is open for %(days)s days"),
        days=settings.FEEDBACK_DAYS,
    ),
    Purpose(
        _("Signing in"),
        PUBLIC_TASK,
        _("One cookie for the session, one for the language, one for the look: none of them follows you"),
        _("The session 12 hours at most, the two choices one year"),
    ),
)
