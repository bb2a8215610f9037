"""Calendar addresses of whoever came by a letter's link, which may have been forwarded: hers alone, as long as it."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from seminars.actions import people
from seminars.models import CalendarKey, Person, Session
from seminars.moments import now
from seminars.permissions import Actor, Level, allows
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/calendar/"
EN = {"headers": {"accept-language": "en"}}


@pytest.fixture
def session(elia: Person, ange: Person) -> Session:
    session = cast.make_session(elia)
    cast.invite(session, ange)
    return session


@pytest.fixture
def linked(client: Client, session: Session, ange: Person) -> Client:
    return cast.signed_in(client, ange, invited=True)


def end_of(session: Session):
    return session.ends_at + timedelta(days=settings.FEEDBACK_DAYS)


def test_she_sees_what_a_link_made_and_no_name_of_another_key(linked, ange):
    people.make_calendar_key(person=ange, name="Signed in")
    people.make_calendar_key(person=ange, name="By the link", is_weak=True)
    html = linked.get(PAGE, **EN).content.decode()
    assert "By the link" in html
    assert "Signed in" not in html
    whole = cast.signed_in(Client(), ange).get(PAGE, **EN).content.decode()
    assert "By the link" in whole
    assert "Signed in" in whole


@pytest.mark.parametrize("name", ["seminars.renew_calendar", "seminars.revoke_calendar"])
def test_the_table_says_the_same_of_every_way_in(session, ange, bruna, name):
    strong, _key = people.make_calendar_key(person=ange, name="Signed in")
    weak, _key = people.make_calendar_key(person=ange, name="By the link", is_weak=True)
    let_in = {level: [allows(name, Actor(ange, level), key) for key in (strong, weak)] for level in Level}
    assert let_in[Level.FULL] == [True, True]
    assert let_in[Level.INVITED] == [False, True]
    assert let_in[Level.READING] == let_in[Level.NOBODY] == [False, False]
    assert not any(allows(name, Actor(bruna, level), weak) for level in Level)


@pytest.mark.parametrize("name", ["calendar-renew", "calendar-revoke"])
def test_a_key_made_while_signed_in_is_as_absent_to_her_as_a_foreign_one(linked, session, ange, bruna, name):
    strong, _key = people.make_calendar_key(person=ange, name="Signed in", lasts=60)
    foreign, _key = people.make_calendar_key(person=bruna, name="Bruna's", lasts=60)
    cast.invite(session, bruna)
    weak, _key = people.make_calendar_key(person=bruna, name="Bruna's link", is_weak=True)
    kept = list(CalendarKey.objects.order_by("pk").values("pk", "expires_at", "revoked_at"))
    for pk in (strong.pk, foreign.pk, weak.pk, 999_999):
        assert linked.post(reverse(name, args=[pk]), {"lasts": "400"}).status_code == 404
    assert list(CalendarKey.objects.order_by("pk").values("pk", "expires_at", "revoked_at")) == kept


def test_her_key_ends_with_her_last_link_and_opens_nothing_after_it(linked, elia, session, ange, clock):
    later = cast.make_session(elia, session.starts_at + timedelta(days=20))
    cast.invite(later, ange)
    shown = linked.post(PAGE, {"name": "phone", "lasts": "400"}, **EN)
    address = shown.context["fresh"].address.removeprefix("http://localhost:8000")
    row = CalendarKey.objects.get()
    assert row.expires_at == end_of(later)
    clock.at(row.expires_at - timedelta(minutes=1))
    assert Client().get(address).status_code == 200
    clock.forward(minutes=2)
    assert Client().get(address).status_code == 410
    assert Client().get(reverse("invitation", args=[later.invitations.get().token])).status_code == 404


def test_a_shorter_wish_is_kept_and_a_renewal_ends_with_the_link_too(linked, elia, session, ange):
    cast.invite(cast.make_session(elia, session.starts_at + timedelta(days=200)), ange)
    linked.post(PAGE, {"name": "phone", "lasts": "183"})
    row = CalendarKey.objects.get()
    assert abs(row.expires_at - now() - timedelta(days=183)) < timedelta(minutes=1)
    for browser in (linked, cast.signed_in(Client(), ange)):
        browser.post(reverse("calendar-renew", args=[row.pk]), {"lasts": "400"})
        row.refresh_from_db()
        assert row.expires_at == end_of(ange.invitations.order_by("-session__starts_at")[0].session)


def test_for_ever_is_not_what_a_link_makes(linked, session, settings):
    settings.FEED_KEY_DAYS = 0
    linked.post(PAGE, {"name": "phone", "lasts": "0"})
    assert CalendarKey.objects.get().expires_at == end_of(session)


def test_once_her_links_are_over_she_is_told_to_sign_in(linked, session, ange, clock):
    row, _key = people.make_calendar_key(person=ange, name="phone", is_weak=True)
    clock.at(end_of(session) + timedelta(minutes=1))
    cast.signed_in(linked, ange, invited=True)
    words = "The link of your letter opens nothing any more. Sign in, and make an address that lasts."
    made = linked.post(PAGE, {"name": "another"}, **EN)
    assert made.status_code == 422
    assert words in made.content.decode()
    renewed = linked.post(reverse("calendar-renew", args=[row.pk]), {"lasts": "400"}, follow=True, **EN)
    assert words in renewed.content.decode()
    assert CalendarKey.objects.get().expires_at == end_of(session)


def test_a_withdrawn_invitation_lengthens_no_key(linked, elia, session, ange):
    later = cast.make_session(elia, session.starts_at + timedelta(days=20))
    cast.invite(later, ange)
    later.invitations.update(withdrawn_at=now())
    linked.post(PAGE, {"name": "phone"})
    assert CalendarKey.objects.get().expires_at == end_of(session)


def test_nobody_has_more_than_thirty_addresses_that_open_something(linked, ange, clock):
    first, _key = people.make_calendar_key(person=ange, name="first", lasts=1)
    for number in range(people.MOST_KEYS - 1):
        people.make_calendar_key(person=ange, name=f"phone {number}")
    words = "There are 30 calendar addresses already. Revoke one that is no longer used."
    for browser in (linked, cast.signed_in(Client(), ange)):
        refused = browser.post(PAGE, {"name": "one more"}, **EN)
        assert refused.status_code == 422
        assert words in refused.content.decode()
        assert "one more" in refused.content.decode()
    assert CalendarKey.objects.count() == people.MOST_KEYS
    clock.forward(days=2)  # the first opens nothing any more: there is room for another, and then none for it
    browser = cast.signed_in(Client(), ange)
    assert browser.post(PAGE, {"name": "one more"}).status_code == 200
    again = browser.post(reverse("calendar-renew", args=[first.pk]), {"lasts": "400"}, follow=True, **EN)
    assert words in again.content.decode()
    people.revoke(key=CalendarKey.objects.get(name="phone 0"))
    browser.post(reverse("calendar-renew", args=[first.pk]), {"lasts": "400"})
    first.refresh_from_db()
    assert first.expires_at > now()
