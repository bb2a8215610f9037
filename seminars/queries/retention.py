"""How long evidence is kept: profiles, the longest of which wins, from the end of the year of the last payment.

While no payment is entered since a session was held it has no end, and the pages say so (domain GDPR-4).
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from seminars import moments
from seminars.models import (
    Certificate,
    CertificateBatch,
    Completion,
    Invitation,
    LastPayment,
    PresenceEvent,
    Scheme,
    SchemeForm,
    SealedSheet,
    Session,
    TeamMember,
)
from seminars.queries import sealed as sealed_sheets
from seminars.vocabulary import Profile, State

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Rule:
    """One profile: `years` after the end of the year of the last payment; 0: no evidence is asked for. `needs_logs`:
    its events are never condensed."""

    profile: Profile
    years: int
    needs_logs: bool
    definition: Words


DEFINITIONS: Mapping[str, Words] = {
    Profile.TRAINING_FR: _(
        "French training law: proof of training is kept until the end of the year of the last payment, and then for "
        "%(years)s years."
    ),
    Profile.EU_INTERREG: _(
        "European cohesion funds: from 31 December of the year of the last payment to the beneficiary, for %(years)s "
        "years."
    ),
    Profile.STATE_AID: _(
        "State aid: from the end of the year in which the last aid was granted, for %(years)s years."
    ),
    Profile.PUBLIC: _(
        "Public event without funding: names go %(days)s days after the session, once the form at its end is closed."
    ),
}


def rules() -> tuple[Rule, ...]:
    """All profiles as this installation has them, the shortest first."""
    years = {Profile.PUBLIC: 0, **settings.RETENTION_YEARS}
    found = [Rule(each, years[each], each in settings.RETENTION_LOGS, DEFINITIONS[each]) for each in Profile]
    return tuple(sorted(found, key=lambda rule: rule.years))


def definition(rule: Rule) -> str:
    """What the profile means here, in the active language."""
    return str(rule.definition) % {"years": rule.years, "days": settings.FEEDBACK_DAYS}


def rules_of(session: Session) -> tuple[Rule, ...]:
    """A session without a profile has those of new ones; where there are none either, it is public."""
    named = set(session.retention or settings.RETENTION or [Profile.PUBLIC])
    return tuple(rule for rule in rules() if rule.profile in named)


@dataclass(frozen=True, slots=True)
class Kept:
    """Until when a session's evidence is kept, and by which rule. `until` None: the date of the last payment is not
    known, `waits`."""

    rule: Rule
    until: date | None

    @property
    def waits(self) -> bool:
        return self.until is None

    def is_over(self, today: date) -> bool:
        return self.until is not None and self.until < today


def payments() -> dict[str, date]:
    """The day of the last payment, by project: as it was entered last."""
    return dict(LastPayment.objects.order_by("pk").values_list("project", "paid_on"))


def with_project(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """Each with `sealed_project` (None: not sealed) as its newest sheet names it."""
    newest = SealedSheet.objects.filter(session=OuterRef("pk")).order_by("-version")
    return sessions.annotate(sealed_project=Subquery(newest.values("project")[:1]))


def project_of(session: Session) -> str:
    """What the session's sheets are chained under; not sealed: what they will be."""
    if not hasattr(session, "sealed_project"):
        session = with_project(Session.objects.filter(pk=session.pk)).get()
    found = session.sealed_project  # type: ignore[attr-defined]  # annotated by with_project
    return str(settings.PROJECT["code"] if found is None else found)


def projects() -> list[str]:
    """Those that sheets were sealed for, and today's."""
    return sorted(
        {settings.PROJECT["code"], *SealedSheet.objects.values_list("project", flat=True).distinct()}
    )


def kept(session: Session, paid: Mapping[str, date]) -> Kept:
    """`paid` as `payments()`. A payment from before the session's day paid for something else: it counts as none."""
    rule = rules_of(session)[-1]
    held = moments.local(session.ends_at, session.timezone).date()
    if rule.years == 0:
        return Kept(rule, held + timedelta(days=settings.FEEDBACK_DAYS))
    last = paid.get(project_of(session))
    is_for_it = last is not None and last >= held
    return Kept(rule, date(last.year + rule.years, 12, 31) if last and is_for_it else None)


@dataclass(frozen=True, slots=True)
class Effect:
    """What a day of payment would do: how many sessions would end earlier than now, and how many of them would name
    nobody any more from today on."""

    sooner: int
    released: int


def effect(project: str, paid_on: date) -> Effect:
    """Of another day for that project, on sessions that are over and still name somebody."""
    paid, today = payments(), moments.now().date()
    would, sooner, released = {**paid, project: paid_on}, 0, 0
    for session in with_project(named()):
        now, then = kept(session, paid), kept(session, would)
        sooner += (then.until or date.max) < (now.until or date.max)
        released += then.is_over(today) and not now.is_over(today)
    return Effect(sooner, released)


def naming() -> QuerySet[Session]:
    """Sessions that name somebody."""
    invited = Invitation.objects.filter(session=OuterRef("pk"))
    team = TeamMember.objects.filter(session=OuterRef("pk"))
    events = PresenceEvent.objects.filter(session=OuterRef("pk"))
    sheets = SealedSheet.objects.filter(session=OuterRef("pk")).exclude(people={})
    told = Exists(events.filter(Q(person__isnull=False) | Q(author__isnull=False)))
    return Session.objects.filter(
        Q(Exists(invited)) | Q(Exists(team)) | Q(Exists(sheets)) | Q(told) | ~Q(roster={})
    )


def named() -> QuerySet[Session]:
    """Those of them that are over, the oldest first."""
    found = naming().filter(ends_at__lt=moments.now()).exclude(state=State.RUNNING)
    return found.order_by("ends_at", "pk")


def over() -> list[Session]:
    """Those whose evidence nobody has to keep any more."""
    paid, today = payments(), moments.now().date()
    return [session for session in with_project(named()) if kept(session, paid).is_over(today)]


def naming_certificate() -> Q:
    """Of certificates: that somebody is named by it."""
    return Q(person__isnull=False) | Q(issued_by__isnull=False) | ~Q(facts={})


def over_schemes(released: Collection[int] = ()) -> list[Scheme]:
    """Training cycles that still name somebody, though none of their sessions does any more, nor will; sessions of
    these ids (`released`) are taken as gone."""
    units = Session.objects.filter(
        Q(training_scheme=OuterRef("name")) | Q(sealed__certificates__scheme=OuterRef("pk"))
    )
    coming = units.filter(Q(ends_at__gte=moments.now()) | Q(state=State.RUNNING))
    standing = units.filter(pk__in=naming().values("pk")).exclude(pk__in=released)
    rows = (
        SchemeForm.objects.filter(scheme=OuterRef("pk")),
        Completion.objects.filter(scheme=OuterRef("pk")),
        CertificateBatch.objects.filter(scheme=OuterRef("pk")),
        Certificate.objects.filter(naming_certificate(), scheme=OuterRef("pk")),
    )
    names = Q(*(Q(Exists(each)) for each in rows), _connector=Q.OR)
    found = Scheme.objects.filter(names).exclude(Exists(coming)).exclude(Exists(standing))
    return list(found.order_by("pk"))


LONG_OVER = timedelta(days=2)
"""After its planned end a session that is still open is not late any more: it was forgotten."""
CLOSING = timedelta(days=14)
"""So long a closed session may wait for its seal."""


def endless(sessions: QuerySet[Session]) -> list[tuple[Session, str]]:
    """Those of them that no rule brings to an end by itself, and why: `running` long after its end, `unsealed` though
    held, `changed` since its seal. The oldest first; somebody has to close or seal them."""
    present, found = moments.now(), []
    alive = sessions.filter(condensed_at=None, ends_at__lt=present - LONG_OVER).order_by("ends_at", "pk")
    alive = alive.filter(state__in=[State.RUNNING, State.ENDED], pk__in=naming().values("pk"))
    for session in alive:
        if why := _open_because(session, present):
            found.append((session, why))
    return found


def _open_because(session: Session, present: datetime) -> str:
    if session.state == State.RUNNING:
        return "running"
    made = sealed_sheets.latest(session)
    if made is not None:
        return "changed" if sealed_sheets.is_changed(made) else ""
    is_late = session.closed_at is None or session.closed_at < present - CLOSING
    return "unsealed" if is_late else ""


def longest(found: Iterable[Kept]) -> Kept | None:
    """The one that ends last; one that waits ends after all others. None: nothing has to be kept."""
    return max(found, key=lambda each: each.until or date.max, default=None)


def months_before(moment: datetime, months: int) -> datetime:
    """The same day of an earlier month, or its last day."""
    year, month = divmod(moment.year * 12 + moment.month - 1 - months, 12)
    for day in range(moment.day, 27, -1):
        try:
            return moment.replace(year=year, month=month + 1, day=day)
        except ValueError:
            continue
    return moment.replace(year=year, month=month + 1, day=min(moment.day, 28))


def ripe(present: datetime | None = None) -> list[Session]:
    """Sealed sessions whose events are older than LEDGER_MONTHS and needed by no profile; the oldest first."""
    if not settings.LEDGER_MONTHS:
        return []
    before = months_before(present or moments.now(), settings.LEDGER_MONTHS)
    sealed = SealedSheet.objects.filter(session=OuterRef("pk"))
    old = Session.objects.filter(state=State.ENDED, condensed_at=None, closed_at__lt=before)
    found = old.filter(Exists(sealed)).order_by("closed_at", "pk")
    return [session for session in found if not any(rule.needs_logs for rule in rules_of(session))]
