"""The few public addresses that the inside may hand out, built from SITE_URL, never from a request's Host."""

from django.conf import settings


def absolute(path: str) -> str:
    return f"{settings.SITE_URL}{path}"


def session(code: str) -> str:
    return absolute(f"/sessions/{code}/")


def room(code: str) -> str:
    return absolute(f"/sessions/{code}/room/")


def host(code: str) -> str:
    return absolute(f"/sessions/{code}/host/")


def here() -> str:
    """Where the code shown in a room is typed."""
    return absolute("/here/")


def here_code(code: str, room_code: str) -> str:
    """What the room's QR code holds; good for a minute or two."""
    return absolute(f"/here/{code}/{room_code}/")


def feedback(code: str) -> str:
    return absolute(f"/sessions/{code}/feedback/")


def invitation(token: str) -> str:
    return absolute(f"/i/{token}/")


def invitation_room(token: str) -> str:
    return absolute(f"/i/{token}/room/")


def invitation_feedback(token: str) -> str:
    return absolute(f"/i/{token}/feedback/")


def invitation_stop(token: str, kind: str) -> str:
    """Where she who holds the link stops one kind of letters; a mail program posts here in one click."""
    return absolute(f"/i/{token}/stop/{kind}/")


def invitation_file(token: str) -> str:
    """Her entry of the session as a file, with the way in that her letters carry."""
    return absolute(f"/i/{token}/session.ics")


def session_file(code: str) -> str:
    return absolute(f"/sessions/{code}/session.ics")


def verify(code: str) -> str:
    """Where anybody can check the document that prints this code."""
    return absolute(f"/verify/{code}/")


def inspect(token: str) -> str:
    """Where an outside inspector looks on, until her link ends."""
    return absolute(f"/inspect/{token}/")


def sign_in(token: str) -> str:
    return absolute(f"/sign-in/{token}/")


def calendar(key: str) -> str:
    return absolute(f"/calendar/{key}.ics")


def public_calendar(language: str, *scope: str) -> str:
    """A published programme: the whole one, or one scope of it as `"kind", "open"` or `"side", "fr"`."""
    return absolute(f"/calendar/public/{'/'.join((language, *scope))}.ics")
