"""The page of calendar addresses: made by name, shown once, revoked by their owner only."""

import re

import pytest

from seminars.actions import people
from seminars.models import CalendarKey
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/calendar/"


def key_shown(html: str) -> str:
    found = re.search(r"http://localhost:8000/calendar/([\w-]+)\.ics", html)
    assert found
    return found[1]


def test_everybody_finds_the_public_addresses(client):
    response = client.get(PAGE)
    html = response.content.decode()
    assert response.status_code == 200
    for language in ("fr", "it", "en"):
        assert f"http://localhost:8000/calendar/public/{language}.ics" in html
        assert f"webcal://localhost:8000/calendar/public/{language}.ics" in html
    assert "Google" in html
    assert "<form" not in html.split("<main")[1].split("</main>")[0]


def test_an_address_is_shown_once_and_opens_the_feed(client, ange):
    cast.signed_in(client, ange)
    shown = client.post(PAGE, {"name": "my phone"})
    assert shown.status_code == 200
    key = key_shown(shown.content.decode())
    assert "no-store" in shown.headers["Cache-Control"]
    assert key not in str(dict(client.session))
    assert client.get(f"/calendar/{key}.ics").status_code == 200
    again = client.get(PAGE).content.decode()
    assert key not in again
    assert "my phone" in again


def test_the_buttons_say_the_address_as_each_program_wants_it(client, ange, settings):
    settings.SITE_URL = "https://viso.example"
    cast.signed_in(client, ange)
    html = client.post(PAGE, {"name": "my phone"}).content.decode()
    key = re.search(r"https://viso\.example/calendar/([\w-]{20,})\.ics", html)[1]
    assert f"webcal://viso.example/calendar/{key}.ics" in html
    assert (
        f"calendar.google.com/calendar/render?cid=webcal%3A%2F%2Fviso.example%2Fcalendar%2F{key}.ics" in html
    )
    assert (
        f"outlook.live.com/calendar/0/addfromweb?url=https%3A%2F%2Fviso.example%2Fcalendar%2F{key}.ics"
        in html
    )


@pytest.mark.parametrize("is_invited", [True, False])
def test_a_key_remembers_whether_a_letters_link_made_it(client, ange, is_invited):
    cast.signed_in(client, ange, invited=is_invited)
    client.post(PAGE, {"name": "my phone"})
    assert CalendarKey.objects.get().is_weak is is_invited


def test_a_key_without_a_name_is_refused_and_none_is_made(client, ange):
    cast.signed_in(client, ange)
    response = client.post(PAGE, {"name": "  "})
    assert response.status_code == 422
    assert not CalendarKey.objects.exists()


def test_nobody_makes_an_address_without_being_known(client):
    response = client.post(PAGE, {"name": "my phone"})
    assert response.headers["Location"].startswith("/sign-in/")
    assert not CalendarKey.objects.exists()


def test_the_owner_revokes_and_the_feed_is_gone(client, ange):
    row, key = people.make_calendar_key(person=ange, name="old phone")
    cast.signed_in(client, ange)
    assert client.post(f"/calendar/keys/{row.pk}/revoke/").status_code == 302
    assert client.get(f"/calendar/{key}.ics").status_code == 410
    page = client.get(PAGE).content.decode()
    assert "old phone" in page  # the message
    assert "old phone" not in client.get(PAGE).content.decode()


def test_nobody_else_revokes_and_looking_revokes_nothing(client, ange, bruna):
    row, _key = people.make_calendar_key(person=ange, name="phone")
    address = f"/calendar/keys/{row.pk}/revoke/"
    cast.signed_in(client, bruna)
    assert client.post(address).status_code == 404
    assert client.post("/calendar/keys/999999/revoke/").status_code == 404
    cast.signed_in(client, ange)
    assert client.get(address).status_code == 405
    row.refresh_from_db()
    assert row.revoked_at is None


def test_whoever_could_make_a_key_can_take_it_back(client, ange):
    row, _key = people.make_calendar_key(person=ange, name="phone")
    cast.signed_in(client, ange, invited=True)
    assert client.post(f"/calendar/keys/{row.pk}/revoke/").status_code == 302
    row.refresh_from_db()
    assert row.revoked_at is not None


@pytest.mark.parametrize("count", [1, 3])
def test_the_list_costs_the_same_however_long_it_is(client, ange, count, django_assert_num_queries):
    for number in range(count):
        people.make_calendar_key(person=ange, name=f"phone {number}")
    cast.signed_in(client, ange)
    client.get(PAGE)
    with django_assert_num_queries(3):
        client.get(PAGE)
