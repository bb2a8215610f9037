"""Calendar feeds: which sessions stand in one, its version, its bytes; and one session as a file."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from django.conf import settings
from django.db.models import Count, Exists, Max, OuterRef, Q, Sum, prefetch_related_objects
from django.utils import translation
from django.utils.translation import gettext as _

from seminars import addresses
from seminars.ical import writer
from seminars.ical.entry import Entry
from seminars.models import Invitation, Person, Session
from seminars.models.sessions import Sessions
from seminars.moments import now
from seminars.queries import occasions
from seminars.vocabulary import Answer, Language, State, Zone

MOST_ENTRIES = 1000


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose feed: a person's own sessions in her language, or, without a person, what is public."""

    language: str
    person: Person | None = None

    @property
    def name(self) -> str:
        return f"person-{self.person.code}" if self.person else "public"

    @property
    def zone(self) -> str:
        if self.person:
            return self.person.timezone
        return Zone.ROME if self.language == Language.ITALIAN else Zone.PARIS


@dataclass(frozen=True, slots=True)
class Version:
    """`mark` changes whenever the bytes of a feed do; `modified` is when something last changed, 1970 if never."""

    mark: str
    modified: datetime
    count: int


def of_person(person: Person) -> Scope:
    return Scope(person.language, person)


def of_everybody(language: str) -> Scope:
    return Scope(language)


def feed_version(scope: Scope) -> Version:
    """Two queries, whatever the number of sessions."""
    present = now()
    stands, old, stale = _stands(present), *_edges(present)
    found: dict[str, Any] = _all(scope).aggregate(
        count=Count("pk", filter=stands),
        keys=Sum("pk", filter=stands),
        sequences=Sum("sequence", filter=stands),
        revised=Max("revised_at"),
        passed=Max("ends_at", filter=Q(ends_at__lt=present)),
        fell=Max("ends_at", filter=Q(ends_at__lt=old)),
        faded=Max("cancelled_at", filter=Q(cancelled_at__lt=stale)),
    )
    passed, fell, faded = (found.pop(name) for name in ("passed", "fell", "faded"))
    # What has left the window changed the feed at the moment it left.
    moments = [found["revised"], fell and fell + (present - old), faded and faded + (present - stale)]
    if scope.person:
        mine = Invitation.objects.filter(person=scope.person).aggregate(
            invited=Max("invited_at"), answered=Max("answered_at"), withdrawn=Max("withdrawn_at")
        )
        found |= mine
        moments += mine.values()
        found["zone"] = scope.zone
    else:
        # What is no longer public has left the window, but not without a trace.
        moments += Session.objects.aggregate(Max("revised_at")).values()
    if found["count"] > MOST_ENTRIES:
        found["passed"] = passed  # which entries fall out follows from which are over
        moments.append(passed)
    mark = sha256(repr([scope.name, scope.language, sorted(found.items())]).encode()).hexdigest()
    earliest = scope.person.created_at if scope.person else datetime.fromtimestamp(0, present.tzinfo)
    return Version(mark, max([earliest, *(moment for moment in moments if moment)]), found["count"])


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


def _chosen(scope: Scope, count: int) -> list[Session]:
    """At most MOST_ENTRIES, what comes before what was; ordered by start."""
    present = now()
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


def feed(scope: Scope, version: Version) -> bytes:
    """The feed's bytes: the same while its version is the same."""
    with translation.override(scope.language):
        entries = [
            entry(
                session,
                language=scope.language,
                is_personal=scope.person is not None,
                is_declined=session.is_declined,  # type: ignore[attr-defined]  # annotated above
            )
            for session in _chosen(scope, version.count)
        ]
        return writer.feed(
            entries,
            name=_("My sessions, Viso") if scope.person else _("Programme, Viso"),
            zone=scope.zone,
            description=_("Sessions of the cross-border programme; changes follow by themselves."),
            uid=f"{scope.name}-{scope.language}@viso",
            source=None if scope.person else addresses.public_calendar(scope.language),
        )


def file_of(session: Session, language: str) -> bytes:
    """One session as a file to keep, as everybody may see it (METHOD:PUBLISH)."""
    with translation.override(language):
        found = entry(session, language=language, is_personal=False)
        return writer.message(found, "PUBLISH")
