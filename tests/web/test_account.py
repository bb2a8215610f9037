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
    assert client.get(reverse("account")).status_code == 404
    assert client.post(reverse("token-make"), {"token-name": "x"}).status_code == 404


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
    client.post(reverse("token-make"), {"token-name": "report", "token-may_write": "on"})
    found = re.search(r'<code id="new-token">([\w-]+)</code>', client.get("/account/").content.decode())
    assert found is not None
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
