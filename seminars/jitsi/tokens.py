"""Room names, JWT for a self-hosted Jitsi (token_verification of Prosody), and the addresses that open a room."""

import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

import jwt

SKEW = timedelta(seconds=60)
"""The server has no leeway for nbf: a clock a few seconds behind would refuse a token made now."""


@dataclass(frozen=True, slots=True)
class Server:
    """One Jitsi deployment: `domain` as in the address bar, `subject` the base domain that Prosody verifies."""

    domain: str
    app_id: str
    secret: str
    subject: str
    algorithm: str = "HS256"
    key_id: str = ""
    grants_moderator: bool = False


@dataclass(frozen=True, slots=True)
class Guest:
    """Who enters: an opaque id, a name to show, nothing else (no address, no picture)."""

    id: str
    name: str
    is_moderator: bool = False


def new_room() -> str:
    """A slug of 128 random bits, lower case, derived from nothing: the name alone guards a public room."""
    return f"viso-{secrets.token_hex(16)}"


def mint(server: Server, room: str, guest: Guest, *, now: datetime, opens: datetime, closes: datetime) -> str:
    """A token for one room and one person: nbf = max(now, opens) - 60 s, exp = closes.

    Raises ValueError when the window has passed, or before it opens. `aud` is a plain string, `sub` and `room` are
    always there: Prosody hangs without a word when one is missing.
    """
    if not opens <= now < closes:
        raise ValueError("outside the room's hours")
    user = {"id": guest.id, "name": guest.name}
    if server.grants_moderator and guest.is_moderator:
        user |= {"moderator": "true", "affiliation": "owner"}
    claims = {
        "aud": "jitsi",
        "iss": server.app_id,
        "sub": server.subject,
        "room": room,
        "nbf": int((max(now, opens) - SKEW).timestamp()),
        "exp": int(closes.timestamp()),
        "context": {"user": user},
    }
    headers = {"typ": "JWT"} | ({"kid": server.key_id} if server.key_id else {})
    return jwt.encode(claims, server.secret, algorithm=server.algorithm, headers=headers)


def tab_address(domain: str, room: str, *, name: str, language: str, token: str = "") -> str:
    """The address that opens a room in a tab of its own; camera off, no request to third parties, small pictures."""
    query = {"lang": language} | ({"jwt": token} if token else {})
    settings = {
        "userInfo.displayName": json.dumps(name, ensure_ascii=False),
        "config.startWithVideoMuted": "true",
        "config.startWithAudioMuted": "true",
        "config.resolution": "360",
        "config.disableThirdPartyRequests": "true",
        "config.prejoinConfig.enabled": "true",
    }
    fragment = "&".join(f"{key}={quote(value)}" for key, value in settings.items())
    return f"https://{domain}/{quote(room)}?{urlencode(query)}#{fragment}"
