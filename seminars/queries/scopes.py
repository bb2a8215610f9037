"""What a calendar feed is of: a person's own sessions, the public programme or a part of it; its name, its colour."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import translation
from django.utils.translation import gettext as _

from seminars import addresses, saying
from seminars.models import Activity, CalendarKey, Organisation, Person, Session
from seminars.models.sessions import Sessions
from seminars.permissions import Actor, is_full, is_joiner
from seminars.queries.occasions import COLORS
from seminars.vocabulary import HOST_ROLES, Answer, Country, FeedScope, Kind, Language, Zone

PUBLIC = "public"
ACTIVITY, ORGANISATION, SIDE, KIND = PARTS = "activity", "organisation", "side", "kind"
"""By what the public programme is parted, as addresses say it."""
SIDES = {str(side).lower(): side for side in Country}
"""By the words of addresses."""
COLOR = "seagreen"
CODES = {
    "seagreen": "#2e8b57",
    "teal": "#008080",
    "olivedrab": "#6b8e23",
    "royalblue": "#4169e1",
    "sienna": "#a0522d",
    "mediumvioletred": "#c71585",
    "goldenrod": "#daa520",
    "mediumpurple": "#9370db",
    "steelblue": "#4682b4",
}
"""What CSS names mean, for Apple, which knows only the other form."""


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the public programme: its address, what it narrows, its name in the language of its feed."""

    by: str
    key: str
    narrows: Q
    said: str


@dataclass(frozen=True, slots=True)
class Scope:
    """Whose feed, in which language: a person's, or without a person what is public, all of it or a part.

    `which` of her sessions stand in it (FeedScope); `past_days`, how long what is over stays, None: as the
    installation says; `expires_at`, the last moment at which the address opens anything.
    """

    language: str
    person: Person | None = None
    which: str = FeedScope.ALL
    past_days: int | None = None
    expires_at: datetime | None = None
    part: Part | None = None

    @property
    def name(self) -> str:
        """The same for all feeds of one content, whatever their address."""
        words = [f"person-{self.person.code}" if self.person else PUBLIC]
        words += [self.which] if self.which != FeedScope.ALL else []
        return "-".join(words + ([self.part.by, self.part.key] if self.part else []))

    @property
    def zone(self) -> str:
        if self.person:
            return self.person.timezone
        return Zone.ROME if self.language == Language.ITALIAN else Zone.PARIS

    @property
    def past(self) -> int:
        return settings.FEED_PAST_DAYS if self.past_days is None else self.past_days

    @property
    def color(self) -> str:
        """The CSS name of its activity's colour; of no activity, ours."""
        is_activity = self.part is not None and self.part.by == ACTIVITY
        return COLORS.get(self.part.key, COLOR) if self.part and is_activity else COLOR

    @property
    def source(self) -> str | None:
        """Where it stands for everybody; a personal address is in no feed."""
        if self.person:
            return None
        return addresses.public_calendar(self.language, *((self.part.by, self.part.key) if self.part else ()))


def of_person(person: Person) -> Scope:
    """All her sessions, in her language."""
    return Scope(person.language, person)


def of_key(key: CalendarKey) -> Scope:
    """What a key opens; reads its person."""
    return Scope(
        key.language or key.person.language, key.person, key.scope, key.past_days, expires_at=key.expires_at
    )


def keys_of(actor: Actor) -> QuerySet[CalendarKey]:
    """The keys that `seminars.renew_calendar` lets her hold, the revoked ones too."""
    found = (
        CalendarKey.objects.filter(person=actor.person) if is_joiner(actor) else CalendarKey.objects.none()
    )
    return found if is_full(actor) else found.filter(is_weak=True)


def has_expired(key: CalendarKey, present: datetime) -> bool:
    return key.expires_at is not None and present > key.expires_at


def of_everybody(language: str) -> Scope:
    return Scope(language)


def of_part(language: str, by: str, key: str) -> Scope | None:
    """A part of what is public, by the words of its address; None where there is none. At most one query."""
    narrowed = {ACTIVITY: _activity, ORGANISATION: _organisation, SIDE: _side, KIND: _kind}.get(by)
    part = narrowed(key, language) if narrowed else None
    return Scope(language, part=part) if part else None


def _activity(key: str, language: str) -> Part | None:
    found = Activity.objects.filter(code=key).first()
    return Part(ACTIVITY, key, Q(activity=found), activity_name(found, language)) if found else None


def _organisation(key: str, language: str) -> Part | None:
    found = Organisation.objects.filter(key=key).first()
    if found is None:
        return None
    return Part(ORGANISATION, key, _organised(host=found), saying.said(found, "name", language)[0])


def _side(key: str, language: str) -> Part | None:
    side = SIDES.get(key)
    if side is None:
        return None
    return Part(SIDE, key, _organised(host__country=side), _label(side, language))


def _kind(key: str, language: str) -> Part | None:
    return Part(KIND, key, Q(kind=key), _label(Kind(key), language)) if key in Kind else None


def _label(choice: Country | Kind, language: str) -> str:
    with translation.override(language):
        return str(choice.label)


def activity_name(activity: Activity, language: str) -> str:
    """`A3 Travail à distance`"""
    return f"{activity.code} {saying.said(activity, 'name', language)[0]}"


def _organised(**host: object) -> Q:
    """Hosted or co-organised; by a subquery, since a session with two organisers must not stand there twice."""
    co_organised = {name.replace("host", "organisers", 1): value for name, value in host.items()}
    return Q(pk__in=Session._base_manager.filter(Q(**host) | Q(**co_organised)).values("pk"))


def sessions_of(scope: Scope) -> Sessions:
    """No drafts; of time it knows nothing."""
    found: Sessions
    if scope.person is None:
        found = Session.objects.public()
        return found.filter(scope.part.narrows) if scope.part else found
    found = Session.objects.shown()
    if scope.which == FeedScope.ALL:
        return found.of(scope.person)
    mine = Q(team__person=scope.person)
    if scope.which == FeedScope.LEADING:
        mine &= Q(team__role__in=HOST_ROLES)
    else:
        mine |= Q(
            invitations__person=scope.person, invitations__withdrawn_at=None, invitations__answer=Answer.YES
        )
    return found.filter(pk__in=Session._base_manager.filter(mine).values("pk"))


def title(scope: Scope) -> str:
    """How a calendar program names it. In the active language, which must be the scope's."""
    if scope.part:
        return f"Viso, {scope.part.said}"
    if scope.person is None:
        return _("Programme, Viso")
    return {
        FeedScope.ALL: _("My sessions, Viso"),
        FeedScope.COMING: _("Sessions I come to, Viso"),
        FeedScope.LEADING: _("Sessions I lead, Viso"),
    }[FeedScope(scope.which)]


def parts_offered(language: str) -> list[tuple[str, list[tuple[str, str]]]]:
    """The parts in which something stands: for each way of parting, (`by/key`, name) in order. Three queries.

    In the active language, which must be `language`.
    """
    public = Session.objects.public()
    activities = Activity.objects.filter(sessions__in=public).distinct()
    both = Q(hosted__in=public) | Q(organised__in=public)
    owners = list(Organisation.objects.filter(both).distinct().order_by("country", "key"))
    kinds = set(public.order_by().values_list("kind", flat=True).distinct())
    sides = {owner.country for owner in owners}
    return [
        (ACTIVITY, [(f"{ACTIVITY}/{each.code}", activity_name(each, language)) for each in activities]),
        (SIDE, [(f"{SIDE}/{each.lower()}", str(Country(each).label)) for each in Country if each in sides]),
        (
            ORGANISATION,
            [(f"{ORGANISATION}/{each.key}", saying.said(each, "name", language)[0]) for each in owners],
        ),
        (KIND, [(f"{KIND}/{each}", str(Kind(each).label)) for each in Kind if each in kinds]),
    ]
