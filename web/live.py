"""What the live pages say, for templates and, as JSON, for their scripts: one set of words, so that both agree."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from seminars import saying
from seminars.actions import attendance
from seminars.errors import Refused
from seminars.models import Person, Session
from seminars.moments import instant, now
from seminars.queries import live
from seminars.vocabulary import Pulse, Role, Standing
from web import checks

INSIDE = (Standing.HERE, Standing.CUT, Standing.VIDEO)
PULSE_ICONS = {
    Pulse.LOST: "lost",
    Pulse.FOLLOWING: "follow",
    Pulse.FINE: "check",
    Pulse.FASTER: "fast",
    Pulse.BREAK: "rest",
}
RANKS = (
    (Standing.CUT, Standing.VIDEO),
    (Standing.HERE, Standing.ROOM),
    (Standing.EXPECTED,),
    (Standing.LEFT,),
    (Standing.DECLINED,),
)


def phase(session: Session) -> str:
    """`early` before the room opens, `open`, or `over`."""
    try:
        attendance.check_open(session)
    except Refused as refused:
        return "over" if refused.code == "room_over" else "early"
    return "open"


def opens_at(session: Session) -> datetime:
    return attendance.room_hours(session)[0]


def minutes_until(moment: datetime) -> int:
    """Whole minutes, rounded up; none once it has passed."""
    return max(0, -int((now() - moment) // timedelta(minutes=1)))


def part_ends_at(session: Session) -> datetime:
    """The end of the half-day that runs or comes next."""
    return next((slot.ends_at for slot in session.slots.all() if slot.ends_at > now()), session.ends_at)


def _forms(one: str, other: str) -> dict[str, str]:
    """Both plural forms of the active language as Intl.PluralRules names them; %(n)s stays for the script to fill."""
    return {"one": one, "other": other}


def standing_words() -> dict[str, Any]:
    """By standing; those who are expected, by answer."""
    return {
        "here": _("here since %(hour)s"),
        "cut": _("line cut since %(hour)s"),
        "video": _("in video since %(hour)s, not seen"),
        "room": _("in the room since %(hour)s"),
        "left": _("left at %(hour)s"),
        "declined": _("said no"),
        "expected": {
            "": pgettext("person", "expected, no answer yet"),
            "yes": pgettext("person", "expected, said yes"),
            "maybe": pgettext("person", "expected, said maybe"),
            "no": pgettext("person", "expected"),
        },
    }


def mine_words() -> dict[str, str]:
    """One's own presence in the strip."""
    return {
        "saved": _("Present since %(hour)s, saved"),
        "saving": _("Present since %(hour)s, being saved"),
        "video": _("In the video since %(hour)s, to be confirmed"),
        "room": _("In the room since %(hour)s"),
        "entering": _("Your presence is being saved"),
        "lost": _("Connection lost. Your presence is kept here and will leave on return."),
        "back": _("Back. Nothing was lost."),
        "outside": _("Not in the room yet"),
        "left": _("You left at %(hour)s"),
        "refused": _("No longer in the room"),
    }


def host_words() -> dict[str, Any]:
    """What only a host's screen says."""
    return {
        "arrived": _("%(name)s is here."),
        "gone": _("%(name)s has left."),
        "cut": _("The line of %(name)s is cut."),
        "video": _("%(name)s is in the video, not seen."),
        "hand": _("%(name)s raises a hand."),
        "alert": {"lost": _("Someone is lost."), "break": _("Someone asks for a break.")},
        "live": pgettext("session", "live"),
        "waiting": _("room open"),
        "calm": _("Nobody is lost, nobody asks for a break."),
        "votes": _forms(
            ngettext("%(n)s answer", "%(n)s answers", 1), ngettext("%(n)s answer", "%(n)s answers", 2)
        ),
        "present": _("Present %(here)s of %(expected)s"),
        "pause": _("Pause announcements"),
        "resume": _("Resume announcements"),
        "confirmed": _forms(
            ngettext("Confirmed for %(n)s person.", "Confirmed for %(n)s people.", 1),
            ngettext("Confirmed for %(n)s person.", "Confirmed for %(n)s people.", 2),
        ),
        "nothing": _("Nothing is left to confirm."),
        "unseen": _forms(
            ngettext("%(n)s person is in the video, not seen", "%(n)s people are in the video, not seen", 1),
            ngettext("%(n)s person is in the video, not seen", "%(n)s people are in the video, not seen", 2),
        ),
    }


def words(is_host: bool) -> dict[str, Any]:
    both: dict[str, Any] = {
        "standing": standing_words(),
        "mine": mine_words(),
        "roles": {role.value: str(role.label) for role in Role},
        "left": _("%(length)s left"),
        "over": _("time is up"),
        "starts": _("starts in %(length)s"),
        "here": _forms(
            ngettext("%(n)s person present", "%(n)s people present", 1),
            ngettext("%(n)s person present", "%(n)s people present", 2),
        ),
        "failed": _("This was not kept. Try again."),
        "frame": _("Video of the session"),
    }
    return both | checks.words(is_host) | (host_words() if is_host else {})


def plural(forms: dict[str, str], number: int, language: str) -> str:
    """The form for a number as Intl.PluralRules chooses it: French counts 0 as one."""
    is_one = number in (0, 1) if language == "fr" else number == 1
    return forms["one" if is_one else "other"] % {"n": number}


def said_standing(row: live.State, zone: str, language: str) -> str:
    found = standing_words()[row["standing"]]
    if isinstance(found, dict):
        return str(found[row["answer"]])
    hour = _hour(row["since"], zone, language)
    return str(found % {"hour": hour}) if "%(" in found else str(found)


def own_row(state: live.State, person: Person) -> live.State:
    """A host's own row; who belongs to neither team nor guests has none before she is present."""
    row: live.State = state["people"].get(person.code) or {"standing": str(Standing.EXPECTED), "since": None}
    return row


def inside_since(session: Session, person: Person) -> datetime | None:
    """Since when she is in the room; None for whoever is not."""
    lines = live.Lines.of(session.pk)
    presence, stay = lines.presences.get(person.pk), lines.stays.get(person.pk)
    if lines.standing(person.pk)[0] == Standing.ROOM and stay:
        return stay.since
    return presence.since if presence and lines.standing(person.pk)[0] in INSIDE else None


def said_mine(mine: live.State, zone: str, language: str) -> dict[str, str]:
    """`by_page`: what a page without scripts says. `by_script`: until the script knows that all is saved."""
    match mine["standing"]:
        case Standing.VIDEO:
            keys = "video", "video"
        case Standing.HERE | Standing.CUT:
            keys = "saved", "saving"
        case Standing.ROOM:
            keys = "room", "room"
        case Standing.LEFT:
            keys = "left", "left"
        case _:
            keys = "outside", "outside"
    known, hour = mine_words(), _hour(mine["since"], zone, language)
    by_page, by_script = (known[key] % {"hour": hour} if "%(" in known[key] else known[key] for key in keys)
    return {"by_page": by_page, "by_script": by_script}


def rank(row: live.State) -> tuple[int, str, str]:
    """Those who need somebody come first: hands in their order, lost lines, then whoever is here."""
    if row["hand"]:
        return 0, row["hand"], row["name"]
    place = next(place for place, group in enumerate(RANKS, 1) if row["standing"] in group)
    return place, "", row["name"].casefold()


def people(state: live.State, zone: str, language: str) -> list[dict[str, Any]]:
    """The rows of a host's list in their order, with what each says."""
    side = "it" if language == "it" else "fr"
    roles = dict(Role.choices)
    rows = []
    for code, row in state["people"].items():
        role = "" if row["role"] == Role.PARTICIPANT else str(roles[row["role"]])
        organisation = row[f"organisation_{side}"] or row["organisation_fr"]
        origin = ", ".join(part for part in (role, organisation, row["country"]) if part)
        said = {"words": said_standing(row, zone, language), "marks": checks.marks(row, state, language)}
        rows.append({**row, "code": code, "origin": origin, **said})
    return sorted(rows, key=rank)


def _hour(text: str | None, zone: str, language: str) -> str:
    return saying.hour(datetime.fromisoformat(text), zone, language) if text else "–"


def hands(rows: list[dict[str, Any]], zone: str, language: str) -> list[dict[str, Any]]:
    return [row | {"hour": _hour(row["hand"], zone, language)} for row in rows if row["hand"]]


def notes(state: live.State, zone: str, language: str) -> list[dict[str, Any]]:
    """Messages, the latest first, in the reader's language where her colleague wrote it."""
    sides = ("it", "fr") if language == "it" else ("fr", "it")
    shown = []
    for message in reversed(state["messages"]):
        tongue = next((side for side in sides if message[f"text_{side}"]), "fr")
        text = {"text": message[f"text_{tongue}"], "language": tongue}
        shown.append(message | text | {"hour": _hour(message["at"], zone, language)})
    return shown


def pulses(counts: dict[str, int] | None = None) -> list[dict[str, Any]]:
    return [
        {"value": each.value, "icon": icon, "label": each.label, "count": (counts or {}).get(each.value, 0)}
        for each, icon in PULSE_ICONS.items()
    ]


def config(
    session: Session, *, seq: int, state: live.State, is_host: bool, language: str, **more: Any
) -> dict[str, Any]:
    """All that the script of a live page begins with."""
    side = "?as=host" if is_host else ""
    return {
        "code": session.code,
        "audience": "host" if is_host else "participant",
        "socket": f"/live/{session.code}/{side}{'&' if side else '?'}lang={language}",
        "pull": reverse("session-live", args=[session.code]) + side,
        "page": reverse("session-host" if is_host else "session-room", args=[session.code]),
        "ticker": static("js/ticker.js"),
        "beat": settings.BEAT_SECONDS,
        "every": settings.LIVE_PULL_SECONDS,
        "lease": settings.LEASE_SECONDS,
        "now": instant(now()),
        "language": language,
        "seq": seq,
        "state": state,
        "phase": phase(session),
        "words": words(is_host),
    } | more
