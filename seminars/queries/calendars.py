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
from seminars.models.sessions import Sessions
from seminars.moments import now
from seminars.queries import occasions
from seminars.vocabulary import Answer, Language, State, Zone

MOST_ENTRIES = 2000
"""What calendar programs still take in one file: about 1.6 MB, a tenth of that packed."""
PUBLIC = "public"


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose feed: a person's own sessions in her language, or, without a person, what is public."""

    language: str
    person: Person | None = None

    @property
    def name(self) -> str:
        return f"person-{self.person.code}" if self.person else PUBLIC

    @property
    def zone(self) -> str:
        if self.person:
            return self.person.timezone
        return Zone.ROME if self.language == Language.ITALIAN else Zone.PARIS


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


def of_person(person: Person) -> Scope:
    return Scope(person.language, person)


def of_everybody(language: str) -> Scope:
    return Scope(language)


def feed_version(name: str) -> int | None:
    """The version of a feed by its name, a key's digest or PUBLIC; None where nobody keeps one."""
    return FeedVersion.objects.filter(name=name).values_list("version", flat=True).first()


def _span(scope: Scope, present: datetime) -> _Span:
    """One query, whatever the number of sessions."""
    old, stale = _edges(present)
    found: dict[str, Any] = _all(scope).aggregate(
        count=Count("pk", filter=_stands(present)),
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


def _all(scope: Scope) -> Sessions:
    """No drafts."""
    found: Sessions = Session.objects.of(scope.person).shown() if scope.person else Session.objects.public()
    return found


def _edges(present: datetime) -> tuple[datetime, datetime]:
    """Since when a session must have ended, or been cancelled, to stand in a feed."""
    old, stale = timedelta(days=settings.FEED_PAST_DAYS), timedelta(days=settings.FEED_CANCELLED_DAYS)
    return present - old, present - stale


def _stands(present: datetime) -> Q:
    """The past and what was cancelled for some days only (Google keeps what it once read)."""
    old, stale = _edges(present)
    return (~Q(state=State.CANCELLED) | Q(cancelled_at__gte=stale)) & Q(ends_at__gte=old)


def _chosen(scope: Scope, present: datetime, count: int) -> list[Session]:
    """At most MOST_ENTRIES, what comes before what was; ordered by start."""
    refusals = Invitation.objects.active().filter(
        session=OuterRef("pk"), person=scope.person, answer=Answer.NO
    )
    found = _all(scope).filter(_stands(present)).annotate(is_declined=Exists(refusals))
    if count <= MOST_ENTRIES:
        sessions = list(found)
    else:
        sessions = list(found.filter(ends_at__gte=present)[:MOST_ENTRIES])
        past = found.filter(ends_at__lt=present).order_by("-starts_at", "-pk")
        sessions += past[: MOST_ENTRIES - len(sessions)]
    prefetch_related_objects(sessions, "slots")
    return sorted(sessions, key=lambda session: (session.starts_at, session.pk))


def entry(session: Session, *, language: str, is_personal: bool, is_declined: bool = False) -> Entry:
    """A session in a feed or file: nobody named, nobody asked; the way to the room only where it is personal.

    In the active language, which must be `language`.
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
            name=_("My sessions, Viso") if scope.person else _("Programme, Viso"),
            zone=scope.zone,
            description=_("Sessions of the cross-border programme; changes follow by themselves."),
            uid=f"{scope.name}-{scope.language}@viso",
            source=None if scope.person else addresses.public_calendar(scope.language),
        )
    return Edition(body, span.left, span.until)


def file_of(session: Session, language: str) -> bytes:
    """One session as a file to keep, as everybody may see it (METHOD:PUBLISH)."""
    with translation.override(language):
        found = entry(session, language=language, is_personal=False)
        return writer.message(found, "PUBLISH")
