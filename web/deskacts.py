"""The acts of the trainer's desk: which of them a half-day of a person offers, their forms, and what they do."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from seminars.actions import correcting, declaring
from seminars.models import Person, Session
from seminars.moments import now
from seminars.queries.sheets import Part, Row
from seminars.vocabulary import Mode, State, Where
from web.forms.desk import ExcuseForm, HandForm, MinutesForm, ReasonForm, SignatureForm, TimesForm

Words = str | Promise
Facts = dict[str, Any]
"""session, person, by, slot_number: what every act takes."""


def _minutes(form: Any, facts: Facts) -> None:
    start, end = form.times
    declaring.declare_minutes(**facts, start=start, end=end, reason=form.cleaned_data["reason"])


def _signature(form: Any, facts: Facts) -> None:
    given = form.cleaned_data
    declaring.declare_signature(**facts, mode=Where(given["mode"]), reason=given["reason"], times=form.times)


def _excuse(form: Any, facts: Facts) -> None:
    declaring.excuse(**facts, everywhere=bool(form.cleaned_data.get("everywhere")))


def _times(form: Any, facts: Facts) -> None:
    correcting.replace_times(**facts, times=form.times, reason=form.cleaned_data["reason"])


def _void(form: Any, facts: Facts) -> None:
    correcting.void_signature(**facts, reason=form.cleaned_data["reason"])


def _unexcuse(form: Any, facts: Facts) -> None:
    correcting.withdraw_excuse(**facts, reason=form.cleaned_data["reason"])


def _is_unsigned(row: Row, part: Part) -> bool:
    return part.signature is None and not part.trainer_marks and not part.is_excused


def _has_begun(row: Row, part: Part) -> bool:
    return min(part.slot.starts_at, part.slot.held_from or part.slot.starts_at) <= now()


@dataclass(frozen=True, slots=True)
class Act:
    """One thing to do about a half-day. `is_offered` asks the row and the part; `run` takes the checked form."""

    name: str
    permission: str
    icon: str
    title: Words
    hint: Words
    button: Words
    done: Words
    form: type[HandForm]
    is_offered: Callable[[Row, Part], bool]
    run: Callable[[Any, Facts], None]


ACTS = (
    Act(
        "signature",
        "seminars.declare_presence",
        "edit",
        _("Declare a signature"),
        _("Forgotten, or not possible in time. It is printed as declared by you, with the reason."),
        _("Declare the signature"),
        _("The signature is declared."),
        SignatureForm,
        lambda row, part: row.is_guest and _has_begun(row, part) and _is_unsigned(row, part),
        _signature,
    ),
    Act(
        "excuse",
        "seminars.declare_presence",
        "info",
        _("Mark as excused"),
        _("Only the mark is kept, never why. No minute is taken off or added."),
        _("Mark as excused"),
        _("The absence is marked as excused."),
        ExcuseForm,
        _is_unsigned,
        _excuse,
    ),
    Act(
        "minutes",
        "seminars.declare_presence",
        "plus",
        _("Declare minutes"),
        _("Nobody saw these minutes, and you know of them. They are added, and printed as declared by you."),
        _("Declare these minutes"),
        _("The minutes are declared."),
        MinutesForm,
        _has_begun,
        _minutes,
    ),
    Act(
        "times",
        "seminars.correct_sheet",
        "clock",
        _("Correct the times"),
        _("These hours take the place of everything counted in this half-day. All empty: no time counts."),
        _("Put these hours in its place"),
        _("The times are corrected."),
        TimesForm,
        _has_begun,
        _times,
    ),
    Act(
        "void",
        "seminars.correct_sheet",
        "cross",
        _("Void the signature"),
        _("It stays in the record and no longer stands on the sheet. A new one may follow."),
        _("Void the signature"),
        _("The signature is voided."),
        ReasonForm,
        lambda row, part: part.signature is not None or bool(part.trainer_marks),
        _void,
    ),
    Act(
        "unexcuse",
        "seminars.correct_sheet",
        "cross",
        _("Take the excuse back"),
        _("The mark stays in the record and no longer stands on the sheet."),
        _("Take the excuse back"),
        _("This absence is no longer marked as excused."),
        ReasonForm,
        lambda row, part: part.is_excused,
        _unexcuse,
    ),
)


@dataclass(slots=True)
class Offered:
    """One act on offer for one half-day, with its form; `is_here` where it is the one that was sent."""

    act: Act
    form: HandForm
    is_here: bool = False

    @property
    def value(self) -> str:
        return f"{self.act.name}.{self.form.slot.number}"


def offered(session: Session, row: Row, part: Part, sent: Any = None) -> Iterator[Offered]:
    """Every act that fits; `sent` is the POST, of which the act that `act` names takes its fields."""
    for act in ACTS:
        if not act.is_offered(row, part):
            continue
        value = f"{act.name}.{part.slot.number}"
        is_here = sent is not None and sent.get("act") == value
        options: dict[str, Any] = {"slot": part.slot, "zone": session.timezone, "prefix": value}
        if act.form is TimesForm:
            options["times"] = part.times
        if act.form is ExcuseForm:
            options["is_one_of_many"] = len(row.parts) > 1
        if sent is not None and not is_here:
            options["initial"] = {"reason": _lost(sent, part)}
        if act.form is SignatureForm:
            options["initial"] = options.get("initial", {}) | {"mode": _mode(session, part)}
        yield Offered(act, act.form(sent if is_here else None, **options), is_here)


def _lost(sent: Any, part: Part) -> str:
    """The reason that was sent for another act of the same half-day."""
    value = str(sent.get("act", ""))
    return str(sent.get(f"{value}-reason", "")) if value.endswith(f".{part.slot.number}") else ""


def _mode(session: Session, part: Part) -> str:
    """Where she was, as far as the session or the half-day tells."""
    if part.mode or session.mode == Mode.HYBRID:
        return part.mode
    return Where.ROOM if session.mode == Mode.IN_PERSON else Where.VIDEO


def is_open(session: Session) -> bool:
    """Whether this session takes facts by hand."""
    return session.state not in (State.DRAFT, State.CANCELLED) and session.condensed_at is None


def run(chosen: Offered, session: Session, person: Person, by: Person) -> None:
    """Does it. Raises Refused."""
    facts = {"session": session, "person": person, "by": by, "slot_number": chosen.form.slot.number}
    chosen.act.run(chosen.form, facts)
