"""Entering by a link or a number from a mail, and keys for calendars and scripts."""

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F

from seminars import keys
from seminars.actions import feeds, letters
from seminars.errors import Refused
from seminars.facts import AccessRevoked, announce
from seminars.models import ApiToken, CalendarKey, Person, SignInLink
from seminars.moments import now

LINKS_AN_HOUR = 5
LINKS_KEPT = timedelta(days=30)
MOST_TRIES = 5
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
def make_calendar_key(*, person: Person, name: str, is_weak: bool = False) -> tuple[CalendarKey, str]:
    """The row and the key; the key is shown once and only its digest is kept."""
    key = keys.new_key()
    (holder,) = feeds.hold([person.pk])
    row = CalendarKey.objects.create(
        person=person, name=_name(name), is_weak=is_weak, key_hash=keys.digest(key), created_at=now()
    )
    if holder.is_active:
        feeds.begin(row)
    return row, key


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
