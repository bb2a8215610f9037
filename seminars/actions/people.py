"""Entering by a link or a number from a mail, and keys for calendars and scripts."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F, Max

from seminars import keys
from seminars.actions import feeds, letters
from seminars.errors import Refused
from seminars.facts import AccessRevoked, announce
from seminars.models import ApiToken, CalendarKey, Person, SignInLink
from seminars.moments import now
from seminars.vocabulary import FeedScope

LINKS_AN_HOUR = 5
LINKS_KEPT = timedelta(days=30)
MOST_TRIES = 5
MOST_PAST_DAYS = 730
MOST_KEYS = 30
"""Calendar keys of one person that open something."""
PURPOSE = "sign-in"


def token_of(link: SignInLink) -> str:
    return link.token


def number_of(link: SignInLink) -> str:
    """Six digits, to be typed on another device."""
    return link.number


@transaction.atomic
def make_link(*, person: Person, lasts: timedelta | None = None) -> SignInLink:
    present = now()
    lasts = lasts or timedelta(minutes=settings.SIGN_IN_MINUTES)
    return SignInLink.objects.create(person=person, created_at=present, expires_at=present + lasts)


@transaction.atomic
def ask_link(*, email: str) -> None:
    """Posts a sign-in mail if the address is known; says nothing either way. At most five an hour for one address."""
    person = Person.objects.by_email(email)
    if person is None or not person.is_active:
        return
    since = now() - timedelta(hours=1)
    if (
        SignInLink.objects.filter(person=person, created_at__gte=since, letters__isnull=False).count()
        >= LINKS_AN_HOUR
    ):
        return
    letters.post_sign_in(person=person, link=make_link(person=person))


def find_link(token: str) -> SignInLink | None:
    """The unused, unexpired link of a token; looking changes nothing."""
    code = keys.code_of(token)
    if not code or not keys.is_derived(token, PURPOSE, code):
        return None
    return (
        SignInLink.objects.select_related("person")
        .filter(code=code, used_at=None, expires_at__gt=now(), person__is_active=True)
        .first()
    )


def _use(link: SignInLink) -> Person:
    """Single use, by one atomic update."""
    if not SignInLink.objects.filter(pk=link.pk, used_at=None).update(used_at=now()):
        raise Refused("link_old")
    return link.person


@transaction.atomic
def enter_by_link(*, token: str) -> Person:
    link = find_link(token)
    if link is None:
        raise Refused("link_old")
    return _use(link)


def enter_by_number(*, email: str, number: str) -> Person:
    """Six digits from the mail. Five wrong tries end the address's open links; no transaction, so that they count."""
    person = Person.objects.by_email(email)
    open_ = SignInLink.objects.filter(
        person=person, used_at=None, expires_at__gt=now(), tries__lt=MOST_TRIES, person__is_active=True
    )
    if person is None or not number.isascii() or not number.isdigit():
        raise Refused("code_wrong", field="number")
    for link in open_:
        if link.number == number:
            return _use(link)
    open_.update(tries=F("tries") + 1)
    raise Refused("code_wrong", field="number")


def _name(name: str) -> str:
    name = " ".join(name.split())[:80]
    if not name:
        raise Refused("name_missing", field="name")
    return name


@transaction.atomic
def make_calendar_key(
    *,
    person: Person,
    name: str,
    is_weak: bool = False,
    scope: str = FeedScope.ALL,
    language: str = "",
    past_days: int | None = None,
    lasts: int | None = None,
) -> tuple[CalendarKey, str]:
    """The row and the key; the key is shown once and only its digest is kept.

    `language` empty: the person's own, whatever it is; `past_days` None: as the installation says; `lasts` in days,
    None: as the installation says, 0: for ever; `is_weak` ends with its person's last link, see `_weakly`. Raises
    Refused: `window_wrong`, `name_missing`, `too_many_keys`, `link_over`.
    """
    if past_days is not None and not 0 <= past_days <= MOST_PAST_DAYS:
        raise Refused("window_wrong", field="past_days", days=MOST_PAST_DAYS)
    key, present = keys.new_key(), now()
    (holder,) = feeds.hold([person.pk])
    _count_one_more(holder, present)
    expires_at = _expiry(present, lasts)
    row = CalendarKey.objects.create(
        person=person,
        name=_name(name),
        is_weak=is_weak,
        key_hash=keys.digest(key),
        scope=FeedScope(scope),
        language=language,
        past_days=past_days,
        created_at=present,
        expires_at=_weakly(holder, present, expires_at) if is_weak else expires_at,
    )
    if holder.is_active:
        feeds.begin(row)
    return row, key


def _expiry(present: datetime, lasts: int | None) -> datetime | None:
    days = settings.FEED_KEY_DAYS if lasts is None else lasts
    return present + timedelta(days=days) if days else None


def _count_one_more(holder: Person, present: datetime) -> None:
    """The caller holds the person's row."""
    alive = CalendarKey.objects.filter(person=holder, revoked_at=None)
    if alive.exclude(expires_at__lt=present).count() >= MOST_KEYS:
        raise Refused("too_many_keys", most=MOST_KEYS)


def _weakly(holder: Person, present: datetime, expires_at: datetime | None) -> datetime:
    """No later than the last of her links, as they stand now: FEEDBACK_DAYS after the end of her last session."""
    last = holder.invitations.filter(withdrawn_at=None).aggregate(ends_at=Max("session__ends_at"))["ends_at"]
    over = last + timedelta(days=settings.FEEDBACK_DAYS) if last else present
    if over <= present:
        raise Refused("link_over")
    return min(over, expires_at) if expires_at else over


@transaction.atomic
def renew(*, key: CalendarKey, lasts: int | None = None) -> CalendarKey:
    """The same address opens its calendar for another `lasts` days from now, also where it has expired; a weak one as
    long as a link does. Raises Refused: `key_revoked`, `link_over`, `too_many_keys` for one more that opens again."""
    (holder,), present = feeds.hold([key.person_id]), now()
    row = CalendarKey.objects.get(pk=key.pk)
    if row.revoked_at is not None:
        raise Refused("key_revoked")
    if row.expires_at is not None and row.expires_at < present:
        _count_one_more(holder, present)
    expires_at = _expiry(present, lasts)
    row.expires_at = _weakly(holder, present, expires_at) if row.is_weak else expires_at
    row.save(update_fields=["expires_at"])
    feeds.touch_key(row)
    return row


@transaction.atomic
def make_api_token(*, person: Person, name: str, may_write: bool) -> tuple[ApiToken, str]:
    key = keys.new_key()
    row = ApiToken.objects.create(
        person=person, name=_name(name), key_hash=keys.digest(key), may_write=may_write, created_at=now()
    )
    return row, key


@transaction.atomic
def revoke(*, key: CalendarKey | ApiToken) -> None:
    """From the next request on the key opens nothing."""
    type(key)._default_manager.filter(pk=key.pk, revoked_at=None).update(revoked_at=now())
    if isinstance(key, CalendarKey):
        feeds.end(CalendarKey.objects.filter(pk=key.pk))


@transaction.atomic
def suspend(*, person: Person) -> None:
    """Nothing opens for this person any more, open sockets included."""
    Person.objects.filter(pk=person.pk).update(is_active=False)
    feeds.end(CalendarKey.objects.filter(person=person))
    announce(AccessRevoked(person.pk))


@transaction.atomic
def settle_preferences(*, person: Person, name: str, language: str, timezone: str) -> Person:
    """Name, language and zone of every letter and page for this person."""
    person.name, person.language, person.timezone = _name(name), language, timezone
    person.save(update_fields=["name", "language", "timezone"])
    feeds.touch_people([person.pk])
    return person


def forget_links() -> int:
    """Drops sign-in links that nobody can use any more; their letters go with them. Returns how many."""
    gone, _rows = SignInLink.objects.filter(expires_at__lt=now() - LINKS_KEPT).delete()
    return gone
