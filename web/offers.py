"""The one thing a person most likely came for on a session's page, by who she is and when she comes."""

from dataclasses import dataclass, field
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from seminars.actions import attendance, feedback
from seminars.errors import Refused
from seminars.models import FeedbackReceipt, Invitation, Session
from seminars.moments import now
from seminars.permissions import Actor, allows
from seminars.queries import invited
from seminars.queries.agenda import moved_from
from seminars.queries.day import is_its_day
from seminars.vocabulary import Answer, State


@dataclass(frozen=True, slots=True)
class Offer:
    """One filled button: a link, or a form to post where `is_post`."""

    words: str
    address: str
    icon: str
    is_post: bool = False


@dataclass(slots=True)
class Standing:
    """Who the reader is to a session, and what she may do with it now."""

    is_host: bool
    is_member: bool
    invitation: Invitation | None
    room_opens: datetime
    is_open: bool
    is_over: bool
    may_answer: bool
    offer: Offer | None = field(default=None)


def has_opened(session: Session) -> bool:
    """Whether the room takes people in now."""
    try:
        attendance.check_open(session)
    except Refused:
        return False
    return True


def may_be_answered(session: Session) -> bool:
    return session.state == State.SCHEDULED and now() < session.starts_at


def standing(actor: Actor, session: Session) -> Standing:
    invitation = (
        session.invitations.active().select_related("person").filter(person=actor.person).first()
        if actor
        else None
    )
    is_open = has_opened(session)
    here = Standing(
        is_host=allows("seminars.host_session", actor, session),
        is_member=allows("seminars.enter_room", actor, session),
        invitation=invitation,
        room_opens=attendance.room_hours(session)[0],
        is_open=is_open,
        is_over=not is_open and now() >= session.starts_at,
        may_answer=invitation is not None and may_be_answered(session),
    )
    here.offer = _for_host(session) if here.is_host else _for_member(actor, session, here)
    return here


def _for_host(session: Session) -> Offer | None:
    at = {"code": session.code}
    if session.state == State.DRAFT:
        return Offer(
            pgettext("verb", "Schedule"), reverse("session-schedule", kwargs=at), "check", is_post=True
        )
    if session.state == State.RUNNING:
        return Offer(_("Go on hosting"), reverse("session-host", kwargs=at), "video")
    if session.state == State.ENDED:
        return Offer(_("Attendance sheet"), reverse("session-sheet", kwargs=at), "doc")
    if session.state == State.CANCELLED:
        return None
    letters = invited.letter_states(session)
    if not letters and not has_opened(session) and now() < session.starts_at:
        return Offer(_("Invite people"), reverse("session-people", kwargs=at), "people")
    if is_its_day(session, now()):
        return Offer(_("Prepare and start"), reverse("session-host", kwargs=at), "video")
    if any(state in invited.STUCK for state in letters):
        return Offer(_("See the letters that did not arrive"), reverse("session-letters", kwargs=at), "mail")
    return None


def _for_member(actor: Actor, session: Session, here: Standing) -> Offer | None:
    at = {"code": session.code}
    if here.is_member and here.is_open:
        return Offer(_("Join"), reverse("session-room", kwargs=at), "video")
    if session.state == State.ENDED and may_give_feedback(actor, session):
        return Offer(_("Give feedback"), reverse("session-feedback", kwargs=at), "edit")
    return None


def may_give_feedback(actor: Actor, session: Session) -> bool:
    closes = feedback.closes_at(session)
    if closes is None or now() >= closes or not allows("seminars.give_feedback", actor, session):
        return False
    return not FeedbackReceipt.objects.filter(session=session, person=actor.person).exists()


def answer_words(invitation: Invitation) -> str:
    """`It is noted: you come.`"""
    return {
        Answer.YES: _("It is noted: you come."),
        Answer.MAYBE: _("It is noted: you perhaps come."),
        Answer.NO: _("It is noted: you do not come."),
    }.get(Answer(invitation.answer), "")


def room_facts(session: Session) -> dict[str, object]:
    """What `rooms/_join.html` asks for, beside its address."""
    opens, closes = attendance.room_hours(session)
    is_open = has_opened(session)
    is_over = not is_open and (session.state in (State.ENDED, State.CANCELLED) or now() >= closes)
    return {
        "session": session,
        "opens_at": opens,
        "is_open": is_open,
        "is_over": is_over,
        "before": moved_from([session]).get(session.pk),
        "video_host": settings.VIDEO_HOST,
        "video_mode": settings.VIDEO_MODE,
    }
