"""How the live pages speak of presence checks, signatures and inspectors; their scripts get the same words."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars import saying
from seminars.moments import now
from seminars.queries import everybody
from seminars.queries.live import State
from seminars.vocabulary import Role, Standing

CAME = (Standing.HERE, Standing.CUT, Standing.VIDEO, Standing.ROOM)


def words(is_host: bool) -> dict[str, Any]:
    found: dict[str, Any] = {"inspector": inspector_words()}
    return found | ({"marks": mark_words(), "asked": asked_words()} if is_host else {"check": check_words()})


def inspector_words() -> str:
    return _("%(label)s looks on as an inspector, and is not counted.")


def check_words() -> dict[str, str]:
    """What a companion page says."""
    return {
        "question": _("Still here?"),
        "until": _("Press the button by %(hour)s. A later answer counts too, with a mark."),
        "late": _("Answers were due by %(hour)s. Yours still counts, with a mark."),
        "answered": _("You answered at %(hour)s."),
        "answered_late": _("You answered at %(hour)s, with the mark “late”."),
    }


def asked_words() -> dict[str, str]:
    """What a host's card says of the latest check."""
    return {
        "never": _("Nobody has been asked yet."),
        "open": _("Asked at %(asked)s. Answers are in time until %(until)s."),
        "clock": _("Asked by the clock at %(asked)s. Answers are in time until %(until)s."),
        "over": _("Asked last at %(asked)s. Later answers count too, with a mark."),
        "count": _("Answered: %(answered)s of %(asked)s"),
        "signed": _("Signed: %(signed)s of %(came)s"),
        "told": _("Everybody is asked: “Still here?”"),
    }


def mark_words() -> dict[str, str]:
    """Beside one person."""
    return {
        "signed": pgettext("half-day", "signed"),
        "unsigned": pgettext("half-day", "not signed yet"),
        "excused": pgettext("half-day", "excused"),
        "answered": pgettext("presence check", "answered %(hour)s"),
        "late": pgettext("presence check", "answered late, %(hour)s"),
        "waiting": pgettext("presence check", "no answer yet"),
    }


def _at(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _hour(text: str, state: State, language: str) -> str:
    return saying.hour(_at(text), state["session"]["zone"], language)


def is_current(state: State) -> bool:
    """Whether the latest check still concerns somebody: until its time is over, and its half-day too."""
    check = state["check"]
    if not check:
        return False
    ends = state["session"]["parts"][check["part"] - 1 : check["part"]]
    return now() < max(map(_at, [check["until"], *ends]))


def answer_of(state: State, row: State) -> State | None:
    """Her answer to the latest check."""
    check, answered = state["check"], row.get("answered")
    return answered if check and answered and answered["check"] == check["code"] else None


def question(state: State, language: str) -> dict[str, Any]:
    """What a companion page asks its reader: {"code", "words"}; no words while nothing is asked of her."""
    check = state["check"] if is_current(state) else None
    if not check or answer_of(state, state["mine"]):
        return {"code": check["code"] if check else "", "words": ""}
    key = "until" if now() < _at(check["until"]) else "late"
    return {
        "code": check["code"],
        "words": check_words()[key] % {"hour": _hour(check["until"], state, language)},
    }


def answered_words(at: datetime, is_late: bool, zone: str, language: str) -> str:
    key = "answered_late" if is_late else "answered"
    return check_words()[key] % {"hour": saying.hour(at, zone, language)}


def asked(state: State, language: str) -> dict[str, Any]:
    """A host's card: {"is_open", "words", "count", "signed"}."""
    said, check = asked_words(), state["check"]
    signed = said["signed"] % _signed(state)
    if not check:
        return {"is_open": False, "words": said["never"], "count": "", "signed": signed}
    is_open = now() < _at(check["until"])
    key = ("clock" if check["by_clock"] else "open") if is_open else "over"
    hours = {name: _hour(check[name], state, language) for name in ("asked", "until")}
    count = said["count"] % _answered(state) if is_current(state) else ""
    return {"is_open": is_open, "words": said[key] % hours, "count": count, "signed": signed}


def _guests(state: State) -> list[State]:
    return [row for row in state["people"].values() if row["role"] == Role.PARTICIPANT]


def _answered(state: State) -> dict[str, int]:
    """Of the guests who are here, or have answered."""
    answers = [(row["standing"], answer_of(state, row)) for row in _guests(state)]
    given = sum(answer is not None for _standing, answer in answers)
    return {"answered": given, "asked": sum(bool(answer) or it in CAME for it, answer in answers)}


def _signed(state: State) -> dict[str, int]:
    """Of the guests who are expected in this half-day, or signed it; not of who declined or is excused."""
    part = everybody.part_now(state["session"])
    signed = [part in row["signed"] for row in _guests(state)]
    expected = [_is_expected(row, part) or part in row["signed"] for row in _guests(state)]
    return {"signed": sum(signed), "came": sum(expected)}


def _is_expected(row: State, part: int) -> bool:
    return row["standing"] != Standing.DECLINED and part not in row["excused"]


def _is_awaited(row: State, part: int) -> bool:
    return row["standing"] in (*CAME, Standing.LEFT) and part not in row["excused"]


def marks(row: State, state: State, language: str) -> dict[str, dict[str, str]]:
    """Beside one person: {"signed" | "answer": {"shape", "words"}}; no words where there is nothing to say."""
    said, session = mark_words(), state["session"]
    part, is_guest = everybody.part_now(session), row["role"] == Role.PARTICIPANT
    opens, closes = map(_at, session["windows"][part - 1])
    signed = _mark("")
    if part in row["signed"]:
        signed = _mark(said["signed"], "good")
    elif part in row["excused"]:
        signed = _mark(said["excused"])
    elif is_guest and opens <= now() < closes and _is_awaited(row, part):
        signed = _mark(said["unsigned"])
    return {"signed": signed, "answer": _answer_mark(row, state, language, is_guest)}


def _mark(words: str, tone: str = "") -> dict[str, str]:
    """A chip says what is there, quiet words what is not."""
    return {"words": words, "shape": f"chip {tone}" if tone else "tiny muted"}


def _answer_mark(row: State, state: State, language: str, is_guest: bool) -> dict[str, str]:
    answer = answer_of(state, row) if is_current(state) else None
    if answer:
        tone, key = ("care", "late") if answer["late"] else ("good", "answered")
        return _mark(mark_words()[key] % {"hour": _hour(answer["at"], state, language)}, tone)
    is_awaited = is_current(state) and is_guest and row["standing"] in CAME
    return _mark(mark_words()["waiting"] if is_awaited else "")


def inspectors(state: State) -> list[dict[str, str]]:
    """Who looks on now."""
    looking = [each for each in state["inspectors"] if everybody.is_looking(each)]
    return [{"code": each["code"], "words": inspector_words() % {"label": each["label"]}} for each in looking]
