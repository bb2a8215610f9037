"""The page of calendar addresses: made by name, shown once, revoked by their owner only."""

import re
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from seminars.actions import people
from seminars.models import CalendarKey
from seminars.vocabulary import FeedScope
from tests import cast

pytestmark = pytest.mark.django_db
PAGE = "/calendar/"
UNREAD = re.compile("depuis 90 jours")


def key_shown(html: str) -> str:
    found = re.search(r"http://localhost:8000/calendar/([\w-]+)\.ics", html)
    assert found
    return found[1]


def test_everybody_finds_the_public_addresses(client):
    for language in ("fr", "it", "en"):
        response = client.get(PAGE, {"in": language})
        html = response.content.decode()
        assert response.status_code == 200
        assert f"http://localhost:8000/calendar/public/{language}.ics" in html
        assert f"webcal://localhost:8000/calendar/public/{language}.ics" in html
        for program in ("calendar.google.com", "outlook.live.com", "outlook.office.com"):
            assert f"https://{program}/calendar/" in html
    main = html.split("<main")[1].split("</main>")[0]
    assert 'method="post"' not in main


def test_the_address_of_a_part_is_found_by_a_plain_form(client, elia):
    cast.make_session(elia, is_public=True, activity=cast.activity("A3"))
    first = client.get(PAGE, headers={"Accept-Language": "it"}).content.decode()
    for value in ("activity/A3", "side/it", "organisation/it-coop", "kind/distance_training"):
        assert f'<option value="{value}"' in first
        html = client.get(PAGE, {"of": value, "in": "it"}).content.decode()
        assert f'value="http://localhost:8000/calendar/public/it/{value}.ics"' in html
        assert f'<option value="{value}" selected' in html
    assert "calendar/public/it.ics" in first
    named = client.get(PAGE, {"of": "activity/A3", "in": "it"}).content.decode()
    assert "Viso, A3 Rete sociale" in named


@pytest.mark.parametrize(
    "of",
    ["activity/A9", "side/", "side/ıt", "side/IT", "side/fſ", "no\x00thing/x", "person/ange", "<script>"],
)
def test_what_is_no_part_shows_the_whole_programme(client, of):
    html = client.get(PAGE, {"of": of, "in": "xx"}, headers={"Accept-Language": "fr"}).content.decode()
    assert 'value="http://localhost:8000/calendar/public/fr.ics"' in html
    assert "<script>" not in html


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
def test_a_key_remembers_whether_a_letters_link_made_it(client, elia, ange, is_invited):
    cast.invite(cast.make_session(elia), ange)
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


def test_revoking_is_asked_first_by_an_address_that_changes_nothing(client, ange, bruna):
    row, _key = people.make_calendar_key(person=ange, name="<old> phone")
    foreign, _key = people.make_calendar_key(person=bruna, name="hers")
    cast.signed_in(client, ange)
    client.cookies["django_language"] = "en"
    address = f"/calendar/keys/{row.pk}/revoke/"
    plain = client.get(PAGE).content.decode()
    assert f'href="{PAGE}?revoke={row.pk}#key-{row.pk}"' in plain
    assert address not in plain
    asked = client.get(PAGE, {"revoke": row.pk}).content.decode()
    assert "Revoke “&lt;old&gt; phone”? Programs that read this address find nothing any more." in asked
    assert f'action="{address}"' in asked
    assert f'<a class="button little" href="{PAGE}">Keep</a>' in asked
    row.refresh_from_db()
    assert row.revoked_at is None
    for other in (foreign.pk, 999999, "x", ""):
        assert "find nothing any more" not in client.get(PAGE, {"revoke": other}).content.decode()


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


def test_whoever_could_make_a_key_can_take_it_back(client, elia, ange):
    cast.invite(cast.make_session(elia), ange)
    row, _key = people.make_calendar_key(person=ange, name="phone", is_weak=True)
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
    with django_assert_num_queries(6):
        client.get(PAGE)


def test_a_key_is_made_as_it_was_wished(client, ange):
    cast.signed_in(client, ange)
    wishes = {"name": "phone", "scope": "coming", "language": "it", "past_days": "30", "lasts": "183"}
    assert client.post(PAGE, wishes).status_code == 200
    row = CalendarKey.objects.get()
    assert (row.scope, row.language, row.past_days) == ("coming", "it", 30)
    assert row.expires_at - row.created_at == timedelta(days=183)
    html = client.get(PAGE, headers={"Accept-Language": "en"}).content.decode()
    assert str(FeedScope.COMING.label) in html or "yes" in html


@pytest.mark.parametrize(
    ("field", "value"),
    [("scope", "others"), ("language", "de"), ("past_days", "731"), ("past_days", "-1"), ("lasts", "9999")],
)
def test_a_wish_that_cannot_be_is_said_and_what_was_typed_stays(client, ange, field, value):
    cast.signed_in(client, ange)
    response = client.post(PAGE, {"name": "kitchen clock", field: value})
    html = response.content.decode()
    assert response.status_code == 422
    assert not CalendarKey.objects.exists()
    assert "kitchen clock" in html
    assert re.search(r"<details[^>]* open", html)


def test_for_ever_is_offered_only_where_the_installation_does(client, ange, settings):
    cast.signed_in(client, ange)
    assert client.post(PAGE, {"name": "phone", "lasts": "0"}).status_code == 422
    settings.FEED_KEY_DAYS = 0
    assert client.post(PAGE, {"name": "phone", "lasts": "0"}).status_code == 200
    assert CalendarKey.objects.get().expires_at is None


def test_a_key_that_ends_soon_or_has_ended_says_so_and_is_renewed(client, ange, clock):
    row, key = people.make_calendar_key(person=ange, name="phone", lasts=60)

    def shown() -> str:
        browser = cast.signed_in(Client(headers={"Accept-Language": "en"}), ange)
        browser.cookies["language"] = "en"
        return browser.get(PAGE).content.decode()

    quiet = shown()
    clock.forward(days=31)
    soon = shown()
    clock.forward(days=30)
    over = shown()
    assert len({page.count("#i-clock") for page in (quiet, soon)}) == 2
    assert over.count("#i-clock") == soon.count("#i-clock")
    assert client.get(f"/calendar/{key}.ics").status_code == 410
    cast.signed_in(client, ange)
    address = reverse("calendar-renew", args=[row.pk])
    assert client.get(address).status_code == 405
    assert client.post(address, {"lasts": "183"}).status_code == 302
    row.refresh_from_db()
    assert row.expires_at is not None
    assert client.get(f"/calendar/{key}.ics").status_code == 200
    assert key not in client.get(PAGE).content.decode()


def test_nobody_else_renews_a_key(client, ange, bruna):
    row, _key = people.make_calendar_key(person=ange, name="phone", lasts=60)
    cast.signed_in(client, bruna)
    assert client.post(reverse("calendar-renew", args=[row.pk])).status_code == 404
    people.revoke(key=row)
    cast.signed_in(client, ange)
    client.post(reverse("calendar-renew", args=[row.pk]))
    row.refresh_from_db()
    assert row.revoked_at is not None


@pytest.mark.parametrize("is_read", [True, False])
def test_a_key_that_nothing_reads_is_named(client, ange, clock, is_read):
    _row, key = people.make_calendar_key(person=ange, name="phone")
    cast.signed_in(client, ange)
    before = client.get(PAGE).content.decode()
    clock.forward(days=91)
    if is_read:
        client.get(f"/calendar/{key}.ics")
    cast.signed_in(client, ange)
    after = client.get(PAGE).content.decode()
    assert bool(UNREAD.search(after)) is not is_read
    assert not UNREAD.search(before)
