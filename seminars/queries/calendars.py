"""Calendar feeds: which sessions stand in one, its version, its bytes; and one session as a file."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Max, Min, OuterRef, Q, prefetch_related_objects
from django.utils import translation
from django.utils.translation import gettext as _

from seminars import addresses
from seminars.ical import writer
from seminars.ical.entry import Entry
from seminars.models import FeedVersion, Invitation, Person, Session
from seminars.models.invitations import Invitations
from seminars.moments import now
from seminars.queries import occasions, scopes
from seminars.queries.scopes import Scope
from seminars.vocabulary import Answer, State

MOST_ENTRIES = 2000
"""What calendar programs still take in one file: about 1.6 MB, a tenth of that packed."""


@dataclass(frozen=True, slots=True)
class Edition:
    """A feed as it is now: its bytes, and how long they stay if nobody does anything.

    `left` is the second since 1970 by which time alone last changed them, 0 if never; `until` the last moment before
    it does so again, None if never.
    """

    body: bytes
    left: int
    until: datetime | None


@dataclass(frozen=True, slots=True)
class _Span:
    """How many sessions stand in a feed at a moment, and what time does to them."""

    count: int
    left: int
    until: datetime | None


def feed_version(name: str) -> int | None:
    """The version of a feed by its name, a key's digest or `public`; None where nobody keeps one."""
    return FeedVersion.objects.filter(name=name).values_list("version", flat=True).first()


def _span(scope: Scope, present: datetime) -> _Span:
    """One query, whatever the number of sessions."""
    old, stale = _edges(scope, present)
    found: dict[str, Any] = scopes.sessions_of(scope).aggregate(
        count=Count("pk", filter=_stands(scope, present)),
        passed=Max("ends_at", filter=Q(ends_at__lt=present)),
        passes=Min("ends_at", filter=Q(ends_at__gte=present)),
        fell=Max("ends_at", filter=Q(ends_at__lt=old)),
        falls=Min("ends_at", filter=Q(ends_at__gte=old)),
        faded=Max("cancelled_at", filter=Q(cancelled_at__lt=stale)),
        fades=Min("cancelled_at", filter=Q(cancelled_at__gte=stale)),
    )
    gone = [(found["fell"], present - old), (found["faded"], present - stale)]
    going = [(found["falls"], present - old), (found["fades"], present - stale)]
    if found["count"] > MOST_ENTRIES:  # which entries fall out follows from which are over
        gone.append((found["passed"], timedelta()))
        going.append((found["passes"], timedelta()))
    left = [moment + length for moment, length in gone if moment]
    until = [moment + length for moment, length in going if moment]
    # The second after: whoever fetched in the very second before the change must not be told that nothing changed.
    return _Span(found["count"], int(max(left).timestamp()) + 1 if left else 0, min(until, default=None))


def _edges(scope: Scope, present: datetime) -> tuple[datetime, datetime]:
    """Since when a session must have ended, or been cancelled, to stand in a feed."""
    old, stale = timedelta(days=scope.past), timedelta(days=settings.FEED_CANCELLED_DAYS)
    return present - old, present - stale


def _stands(scope: Scope, present: datetime) -> Q:
    """The past and what was cancelled for some days only (Google keeps what it once read)."""
    old, stale = _edges(scope, present)
    return (~Q(state=State.CANCELLED) | Q(cancelled_at__gte=stale)) & Q(ends_at__gte=old)


def _chosen(scope: Scope, present: datetime, count: int) -> list[Session]:
    """At most MOST_ENTRIES, what comes before what was; ordered by start."""
    refusals = refused_by(scope.person).filter(session=OuterRef("pk"))
    found = scopes.sessions_of(scope).select_related("activity").filter(_stands(scope, present))
    found = found.annotate(is_declined=Exists(refusals))
    if count <= MOST_ENTRIES:
        sessions = list(found)
    else:
        sessions = list(found.filter(ends_at__gte=present)[:MOST_ENTRIES])
        past = found.filter(ends_at__lt=present).order_by("-starts_at", "-pk")
        sessions += past[: MOST_ENTRIES - len(sessions)]
    prefetch_related_objects(sessions, "slots")
    return sorted(sessions, key=lambda session: (session.starts_at, session.pk))


def refused_by(person: Person | None) -> Invitations:
    """The invitations to which she said no: what they are to leaves her calendar free."""
    return Invitation.objects.active().filter(person=person, answer=Answer.NO)


def entry(session: Session, *, language: str, is_personal: bool, is_declined: bool = False) -> Entry:
    """A session in a feed or file: nobody named, nobody asked; the way to the room only where it is personal.

    Reads slots and activity. In the active language, which must be `language`.
    """
    occasion = occasions.of_session(session)
    page = addresses.session(session.code)
    return occasions.entry_of(
        occasion,
        language=language,
        stamp=occasion.revised_at,
        page=page,
        room=addresses.room(session.code) if is_personal else None,
        words=[_("Page of the session: %(address)s") % {"address": page}],
        is_transparent=is_declined,
        is_marked=True,
    )


def feed(scope: Scope) -> Edition:
    """The feed now: three queries, whatever the number of sessions; four with more than MOST_ENTRIES."""
    present = now()
    span = _span(scope, present)
    with translation.override(scope.language):
        entries = [
            entry(
                session,
                language=scope.language,
                is_personal=scope.person is not None,
                is_declined=session.is_declined,  # type: ignore[attr-defined]  # annotated above
            )
            for session in _chosen(scope, present, span.count)
        ]
        body = writer.feed(
            entries,
            name=scopes.title(scope),
            zone=scope.zone,
            description=_("Sessions of the cross-border programme; changes follow by themselves."),
            uid=f"{scope.name}-{scope.language}@viso",
            color=scope.color,
            color_code=scopes.CODES[scope.color],
            source=scope.source,
        )
    ends = [moment for moment in (span.until, scope.expires_at) if moment]
    return Edition(body, span.left, min(ends, default=None))


def file_of(session: Session, language: str, person: Person | None = None) -> bytes:
    """One session as a file to keep (METHOD:PUBLISH): as everybody may see it, or as the feed of a member, `person`,
    has it, with the way to the room."""
    is_declined = person is not None and refused_by(person).filter(session=session).exists()
    with translation.override(language):
        found = entry(session, language=language, is_personal=person is not None, is_declined=is_declined)
        return writer.message(found, "PUBLISH")


def file_for(invitation: Invitation) -> bytes:
    """The session of an invitation in the language of its person, with the addresses that her letters carry."""
    session, language = invitation.session, invitation.person.language
    occasion, answer = occasions.of_session(session), addresses.invitation(invitation.token)
    with translation.override(language):
        found = occasions.entry_of(
            occasion,
            language=language,
            stamp=occasion.revised_at,
            page=answer,
            room=addresses.invitation_room(invitation.token),
            words=[_("Your answer: %(address)s") % {"address": answer}],
            is_transparent=invitation.answer == Answer.NO,
            is_marked=True,
            has_reminder=True,
        )
        return writer.message(found, "PUBLISH")
