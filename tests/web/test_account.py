"""A person's own settings, her keys for scripts, and the language and look of her browser."""

import re

from django.test import Client
from django.urls import reverse

from seminars.actions import people
from seminars.models import ApiToken, Person
from tests.cast import signed_in

# --- Language and look ---------------------------------------------------------------------------------------------


def test_a_chosen_language_is_kept_for_a_year(client: Client, db: None) -> None:
    response = client.post(reverse("language"), {"language": "it", "next": "/help/"})
    cookie = response.cookies["django_language"]
    assert (cookie.value, cookie["max-age"], cookie["samesite"]) == ("it", 31_536_000, "Lax")
    assert cookie["httponly"]
    assert client.get("/help/").headers["Content-Language"] == "it"


def test_an_unknown_language_changes_nothing(client: Client, db: None) -> None:
    assert not client.post(reverse("language"), {"language": "../x"}).cookies


def test_the_look_follows_the_choice(client: Client, db: None) -> None:
    client.post(reverse("look"), {"look": "dark"})
    assert 'data-look="dark"' in client.get("/help/").content.decode()
    client.post(reverse("look"), {"look": "device"})
    assert "data-look" not in client.get("/help/").content.decode()


# --- The account ---------------------------------------------------------------------------------------------------


def test_the_account_asks_for_a_full_session(client: Client, elia: Person) -> None:
    assert client.get(reverse("account")).headers["Location"] == "/sign-in/?next=%2Faccount%2F"
    signed_in(client, elia, invited=True)
    assert client.get(reverse("account")).headers["Location"] == "/sign-in/?next=%2Faccount%2F"
    assert client.post(reverse("token-make"), {"token-name": "x"}).headers["Location"].startswith("/sign-in/")
    assert not ApiToken.objects.exists()


def test_who_came_by_a_letter_is_led_to_sign_in_and_told_why(
    client: Client, elia: Person, ange: Person
) -> None:
    signed_in(client, elia, invited=True)
    client.cookies["django_language"] = "en"
    page = client.get(reverse("account"), follow=True)
    assert "This page is for whoever signed in: ask for a link at your own address." in page.content.decode()
    client.cookies["django_language"] = "it"
    assert "This page is for" not in client.get(reverse("account"), follow=True).content.decode()
    assert signed_in(client, ange, invited=True).get(reverse("plan")).status_code == 404, (
        "no sign-in opens it"
    )


def test_her_initials_lead_to_the_account_once_she_is_signed_in(client: Client, elia: Person) -> None:
    for is_invited in (True, False):
        page = signed_in(client, elia, invited=is_invited).get("/help/").content.decode()
        assert '<span aria-hidden="true">EP</span>' in page
        assert ('href="/account/"' in page) is not is_invited


def test_preferences_are_kept_and_speak_at_once(client: Client, elia: Person) -> None:
    signed_in(client, elia)
    data = {"name": "Elia  Nuovo", "language": "fr", "timezone": "Europe/Paris"}
    assert client.post(reverse("account"), data).headers["Location"] == "/account/"
    elia.refresh_from_db()
    assert (elia.name, elia.language, elia.timezone) == ("Elia Nuovo", "fr", "Europe/Paris")
    assert client.get(reverse("account")).headers["Content-Language"] == "fr"


def test_a_wrong_preference_keeps_what_was_typed(client: Client, elia: Person) -> None:
    signed_in(client, elia)
    data = {"name": "  ", "language": "fr", "timezone": "Mars/Base"}
    response = client.post(reverse("account"), data)
    assert response.status_code == 422
    assert Person.objects.get(pk=elia.pk).language == "it"


def test_a_new_key_is_shown_once_and_kept_as_a_digest(client: Client, elia: Person) -> None:
    signed_in(client, elia)
    response = client.post(reverse("token-make"), {"token-name": "report", "token-may_write": "on"})
    assert response.status_code == 200
    assert "no-store" in response.headers["Cache-Control"]
    found = re.search(r'<code id="new-token">([\w-]+)</code>', response.content.decode())
    assert found is not None
    assert found[1] not in str(dict(client.session))
    assert client.get(reverse("token-make")).headers["Location"] == "/account/#tokens"
    assert found[1] not in client.get("/account/").content.decode()
    token = ApiToken.objects.get()
    assert (token.person, token.may_write, found[1] in token.key_hash) == (elia, True, False)


def test_a_key_without_a_name_is_refused(client: Client, elia: Person) -> None:
    signed_in(client, elia)
    assert client.post(reverse("token-make"), {"token-name": " "}).status_code == 422
    assert not ApiToken.objects.exists()


def test_only_its_person_revokes_a_key(client: Client, elia: Person, dominique: Person) -> None:
    token, _key = people.make_api_token(person=elia, name="report", may_write=False)
    address = reverse("token-revoke", args=[token.pk])
    assert client.post(address).headers["Location"].startswith("/sign-in/")
    assert signed_in(client, dominique).post(address).status_code == 404
    assert signed_in(client, elia).post(address).status_code == 302
    token.refresh_from_db()
    assert token.revoked_at is not None
