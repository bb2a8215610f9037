"""Entering and leaving: links that looking does not use up, answers that tell nothing, ways back that stay at home."""

import re
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.cache import caches
from django.test import Client, RequestFactory
from django.urls import reverse

from seminars.actions import people
from seminars.models import Letter, Person, SignInLink
from tests.cast import signed_in
from web import idle, limits

AGENTS = ("Mozilla/5.0", "scanner/1", "curl/8")
TRICKS = (
    "//evil.example",
    "\\\\evil.example",
    "/\\evil.example",
    "https:evil.example",
    "https://evil.example/",
    "javascript:alert(1)",
    "/%09/evil.example",
    "%2f%2fevil.example",
    "@evil.example",
    "HTTP://TESTSERVER.evil.example",
    "/\t/evil.example",
    "",
)


@pytest.fixture(autouse=True)
def _empty_cache() -> None:
    caches["shared"].clear()


def is_known(client: Client) -> bool:
    return "_auth_user_id" in client.session


def link_for(person: Person) -> str:
    return reverse("sign-in-link", args=[people.token_of(people.make_link(person=person))])


def ask(client: Client, email: str = "elia@example.org", **more: str) -> Any:
    return client.post(reverse("sign-in"), {"email": email, **more})


def is_at_home(location: str) -> bool:
    parts = urlsplit(location)
    return (
        not parts.scheme
        and not parts.netloc
        and location.startswith("/")
        and location[1:2] not in ("/", "\\")
    )


# --- The link of the mail (A-12) -----------------------------------------------------------------------------------


def test_looking_at_a_link_uses_nothing_up(client: Client, elia: Person) -> None:
    address = link_for(elia)
    assert client.head(address).status_code == 200
    for agent in AGENTS:
        response = client.get(address, headers={"user-agent": agent})
        assert response.status_code == 200
        assert "sessionid" not in response.cookies
    assert SignInLink.objects.get().used_at is None
    assert not is_known(client)


def test_a_link_works_once_and_then_offers_a_new_one(client: Client, elia: Person) -> None:
    address = link_for(elia)
    assert client.post(address).headers["Location"] == reverse("today")
    assert is_known(client)
    second = Client().post(address)
    assert second.status_code == 410
    assert reverse("sign-in") in second.content.decode()
    assert Client().get(address).status_code == 410


def test_a_press_without_the_form_s_own_mark_is_refused(elia: Person) -> None:
    address = link_for(elia)
    assert Client(enforce_csrf_checks=True).post(address).status_code == 403
    assert SignInLink.objects.get().used_at is None


def test_an_expired_link_is_gone(client: Client, elia: Person, clock: Any) -> None:
    address = link_for(elia)
    clock.forward(minutes=16)
    assert client.get(address).status_code == 410
    assert client.post(address).status_code == 410
    assert not is_known(client)


@pytest.mark.parametrize("token", ["abc", "abc.def", "number"])
def test_an_invented_link_opens_nothing(client: Client, db: None, token: str) -> None:
    assert client.post(f"/sign-in/{token}/").status_code in (302, 410)
    assert not is_known(client)


def test_signing_in_changes_the_session_s_key(client: Client, elia: Person) -> None:
    ask(client)
    before = client.cookies["sessionid"].value
    client.post(link_for(elia))
    assert client.cookies["sessionid"].value != before


def test_signing_in_speaks_the_language_of_the_profile(client: Client, elia: Person) -> None:
    client.post(link_for(elia))
    assert client.get(reverse("account")).headers["Content-Language"] == "it"


# --- The address and the number ------------------------------------------------------------------------------------


def test_a_known_and_an_unknown_address_are_answered_alike(elia: Person) -> None:
    pages = []
    for email in (elia.email, "nobody@example.org"):
        client = Client()
        response = ask(client, email)
        assert response.headers["Location"] == "/sign-in/?sent=1"
        text = client.get(response.headers["Location"]).content.decode()
        pages.append(re.sub(r'name="csrfmiddlewaretoken" value="\w+"', "", text.replace(email, "")))
    assert pages[0] == pages[1]
    assert Letter.objects.count() == 1


def test_the_address_never_stands_in_the_page_s_address(client: Client, elia: Person) -> None:
    assert "elia" not in ask(client).headers["Location"]


def test_the_number_of_the_mail_opens_too(client: Client, elia: Person) -> None:
    ask(client, next="/programme/")
    number = people.number_of(SignInLink.objects.get())
    response = client.post(reverse("sign-in-number"), {"number": f"{number[:3]} {number[3:]}"})
    assert response.headers["Location"] == "/programme/"
    assert is_known(client)


def test_a_wrong_number_is_said_on_the_field(client: Client, elia: Person) -> None:
    ask(client)
    right = people.number_of(SignInLink.objects.get())
    wrong = f"{(int(right) + 1) % 10**6:06d}"
    response = client.post(reverse("sign-in-number"), {"number": wrong})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.content.decode()
    assert not is_known(client)


def test_a_number_without_an_address_leads_to_the_form(client: Client, db: None) -> None:
    assert client.post(reverse("sign-in-number"), {"number": "123456"}).headers["Location"] == "/sign-in/"


@pytest.mark.parametrize(
    "body",
    [
        "email[]=elia@example.org&email[]=dominique@example.org",
        "email=elia@example.org&email=dominique@example.org",
        "email=elia@example.org,dominique@example.org",
        "email=elia@example.org;dominique@example.org",
        "email=elia@example.org%0Adominique@example.org",
        "email=elia@example.org%20dominique@example.org",
    ],
)
def test_two_addresses_get_no_mail(client: Client, elia: Person, dominique: Person, body: str) -> None:
    response = client.post(reverse("sign-in"), body, content_type="application/x-www-form-urlencoded")
    assert response.status_code in (400, 422)
    assert Letter.objects.count() == 0


def test_a_list_in_json_gets_no_mail(client: Client, elia: Person) -> None:
    body = '{"email": ["elia@example.org", "x@example.org"]}'
    assert client.post(reverse("sign-in"), body, content_type="application/json").status_code == 400
    assert Letter.objects.count() == 0


def test_an_address_in_other_letters_gets_its_one_mail(client: Client, elia: Person) -> None:
    ask(client, " ELIA@Example.org ")
    assert [letter.person for letter in Letter.objects.all()] == [elia]


# --- How often -----------------------------------------------------------------------------------------------------


def test_failures_of_one_network_wait_after_twenty(client: Client, elia: Person) -> None:
    answers = [client.post("/sign-in/abc.def/").status_code for _ in range(21)]
    assert answers == [410] * 20 + [429]
    assert client.post(link_for(elia)).status_code == 429


def test_good_tries_never_count(elia: Person) -> None:
    for _ in range(25):
        assert Client().post(link_for(elia)).status_code == 302


@pytest.mark.parametrize(
    ("proxies", "forwarded", "network"),
    [
        (0, "203.0.113.9", "192.0.2.1"),
        (1, "10.9.9.9, 203.0.113.9", "203.0.113.9"),
        (2, "10.9.9.9, 203.0.113.9, 198.51.100.1", "203.0.113.9"),
        (1, "", "192.0.2.1"),
        (1, "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        (1, "nonsense", "unknown"),
        (1, "203.0.113.9:54321", "203.0.113.9"),
        (1, "[2001:db8:1:2:3:4:5:6]:54321", "2001:db8:1:2::/64"),
        (1, "[2001:db8:1:2:3:4:5:6]", "2001:db8:1:2::/64"),
        (1, "2001:db8:1:2::54321", "unknown"),
        (1, "nonsense:80", "unknown"),
    ],
)
def test_only_our_own_proxies_are_believed(settings: Any, proxies: int, forwarded: str, network: str) -> None:
    settings.NUM_PROXIES = proxies
    request = RequestFactory().get("/", REMOTE_ADDR="192.0.2.1", HTTP_X_FORWARDED_FOR=forwarded)
    assert limits.network_of(request) == network


# --- Ways back (D-10) ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("trick", TRICKS)
def test_every_way_back_stays_at_home(elia: Person, trick: str) -> None:
    stranger = Client()
    ask(stranger, next=trick)
    back = [
        stranger.post(link_for(elia)),
        stranger.get(reverse("sign-in"), {"next": trick}),
        stranger.post(reverse("language"), {"language": "it", "next": trick}),
        stranger.post(reverse("look"), {"look": "dark", "next": trick}),
        stranger.post(reverse("sign-out"), {"next": trick}),
    ]
    assert [response.status_code for response in back] == [302] * 5
    assert [r.headers["Location"] for r in back if not is_at_home(r.headers["Location"])] == []


def test_an_honest_way_back_is_kept(client: Client, elia: Person) -> None:
    ask(client, next="/programme/?view=week")
    assert client.post(link_for(elia)).headers["Location"] == "/programme/?view=week"


# --- Leaving, and what ends by itself ------------------------------------------------------------------------------


def test_signing_out_is_a_press_and_ends_the_session(client: Client, elia: Person) -> None:
    signed_in(client, elia)
    assert client.get(reverse("sign-out")).status_code == 405
    client.post(reverse("sign-out"))
    assert not is_known(client)


@pytest.mark.parametrize(
    ("began", "seen", "stays"),
    [(11.9, 2.9, True), (12.1, 0.1, False), (4, 3.1, False)],
)
def test_a_session_ends_after_twelve_hours_or_three_idle_ones(
    client: Client, elia: Person, settings: Any, began: float, seen: float, stays: bool
) -> None:
    if "web.idle.EndsIdleSessions" not in settings.MIDDLEWARE:
        place = settings.MIDDLEWARE.index("web.access.ActorOfRequest")
        added = ["web.idle.EndsIdleSessions"]
        settings.MIDDLEWARE = settings.MIDDLEWARE[:place] + added + settings.MIDDLEWARE[place:]
    signed_in(client, elia)
    state = client.session
    state[idle.BEGAN], state[idle.SEEN] = (int(time.time() - hours * 3600) for hours in (began, seen))
    state.save()
    assert (client.get(reverse("account")).status_code == 200) is stays
