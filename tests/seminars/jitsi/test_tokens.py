"""Tokens as Prosody checks them: every claim present, no leeway, one room, one person."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest

from seminars.jitsi.tokens import Guest, Server, mint, new_room, tab_address

NOW = datetime(2027, 2, 4, 9, 0, tzinfo=UTC)
SERVER = Server(domain="meet.example.org", app_id="viso", secret="s" * 40, subject="meet.example.org")
GUEST = Guest(id="p17", name="Ange E.")
HOURS = {"now": NOW, "opens": NOW - timedelta(minutes=15), "closes": NOW + timedelta(hours=2)}


def claims(token: str) -> dict:
    return jwt.decode(
        token,
        SERVER.secret,
        algorithms=["HS256"],
        audience="jitsi",
        options={"verify_nbf": False, "verify_exp": False},
    )


def test_a_token_names_one_room_one_person_and_its_hours():
    found = claims(mint(SERVER, "viso-abc", GUEST, **HOURS))
    assert found["room"] == "viso-abc"
    assert (found["aud"], found["iss"], found["sub"]) == ("jitsi", "viso", "meet.example.org")
    assert found["nbf"] == int((NOW - timedelta(seconds=60)).timestamp())
    assert found["exp"] == int(HOURS["closes"].timestamp())
    assert found["context"]["user"] == {"id": "p17", "name": "Ange E."}


def test_moderator_is_claimed_only_where_the_server_grants_it():
    trainer = Guest(id="p04", name="Elia P.", is_moderator=True)
    assert "moderator" not in claims(mint(SERVER, "r", trainer, **HOURS))["context"]["user"]
    granting = Server("d", "viso", SERVER.secret, "d", grants_moderator=True)
    assert claims(mint(granting, "r", trainer, **HOURS))["context"]["user"]["moderator"] == "true"
    assert "moderator" not in claims(mint(granting, "r", GUEST, **HOURS))["context"]["user"]


@pytest.mark.parametrize("now", [NOW - timedelta(hours=1), NOW + timedelta(hours=2)])
def test_no_token_before_the_room_opens_or_after_it_closes(now):
    with pytest.raises(ValueError, match="outside"):
        mint(SERVER, "r", GUEST, **(HOURS | {"now": now}))


def test_a_changed_token_is_worthless():
    token = mint(SERVER, "r", GUEST, **HOURS)
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(
            token,
            "t" * 40,
            algorithms=["HS256"],
            audience="jitsi",
            options={"verify_exp": False, "verify_nbf": False},
        )


def test_room_names_are_slugs_of_128_bits_that_nobody_can_derive():
    rooms = {new_room() for _ in range(50)}
    assert len(rooms) == 50
    assert all(room == room.lower() and len(room) == len("viso-") + 32 for room in rooms)


def test_the_address_of_a_tab_escapes_the_name():
    address = tab_address("meet.example.org", "viso-abc", name='Zoé "Z" & <b>', language="it")
    assert address.startswith("https://meet.example.org/viso-abc?lang=it#")
    assert "<" not in address
    assert "&" not in address.partition("displayName=")[2].partition("&config")[0]
