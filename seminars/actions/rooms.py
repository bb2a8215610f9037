"""The room: going to the video, raising a hand."""

import uuid
from datetime import timedelta

from django.conf import settings
from django.db import transaction

from seminars.actions import attendance
from seminars.facts import HandChanged, announce
from seminars.jitsi.tokens import Guest, Server, mint, tab_address
from seminars.models import Person, Presence, Session
from seminars.moments import now


def server() -> Server:
    return Server(
        domain=settings.VIDEO_HOST,
        app_id=settings.VIDEO_APP_ID,
        secret=settings.VIDEO_SECRET,
        subject=settings.VIDEO_SUBJECT,
        algorithm=settings.VIDEO_ALGORITHM,
        key_id=settings.VIDEO_KEY_ID,
        grants_moderator=settings.VIDEO_GRANTS_MODERATOR,
    )


def enter_video(
    *, session: Session, person: Person, connection: uuid.UUID, event: uuid.UUID
) -> attendance.Receipt:
    """Pressed Join: she is present, and silence from now on is "in video, not seen", until she returns or leaves."""
    return attendance.arrive(
        session=session, person=person, connection=connection, event=event, for_video=True
    )


def video_token(*, session: Session, person: Person, is_moderator: bool) -> str:
    """A token for this room, this person, this session's hours; empty where the video host takes none.

    Minted at the click and never kept; raises Refused before the room opens and when it is over.
    """
    attendance.check_open(session)
    if not settings.VIDEO_SECRET:
        return ""
    opens, closes = attendance.room_hours(session)
    present = now()
    guest = Guest(id=person.code, name=person.short_name, is_moderator=is_moderator)
    return mint(
        server(),
        session.room,
        guest,
        now=present,
        opens=min(opens, present),
        closes=max(closes, present + timedelta(minutes=settings.ROOM_CLOSES_MINUTES)),
    )


def video_address(*, session: Session, person: Person, language: str, is_moderator: bool) -> str:
    """Where the video opens in a tab of its own."""
    token = video_token(session=session, person=person, is_moderator=is_moderator)
    return tab_address(
        settings.VIDEO_HOST, session.room, name=person.short_name, language=language, token=token
    )


@transaction.atomic
def raise_hand(*, session: Session, person: Person, is_raised: bool) -> None:
    """Up or down; the first to raise stands first. Nothing changes when it is so already."""
    session = Session.objects.select_for_update().get(pk=session.pk)
    if is_raised:
        attendance.check_open(session)
        attendance.check_inside(session, person)
    presence, _ = Presence.objects.get_or_create(session=session, person=person)
    if bool(presence.hand_at) == is_raised:
        return
    presence.hand_at = now() if is_raised else None
    presence.save(update_fields=["hand_at"])
    announce(HandChanged(session.pk, Session.objects.next_seq(session.pk), (person.pk,)))
