"""Every room of the hub, and the permission that opens it."""

from collections.abc import Iterable

EVERYBODY = "seminars.enter_room"
HOSTS = "seminars.host_session"


def everybody(session_id: int) -> str:
    """Participants' screens; opened by EVERYBODY."""
    return f"session.{session_id}"


def hosts(session_id: int) -> str:
    """Hosts' screens, which hear nothing from `everybody`; opened by HOSTS."""
    return f"session.{session_id}.hosts"


def own(session_id: int, person_id: int) -> str:
    """A participant's own screens, on all her devices; opened by EVERYBODY, for herself."""
    return f"session.{session_id}.person.{person_id}"


def owners(session_id: int, rooms: Iterable[str]) -> list[int]:
    """Ids of the persons whose own rooms are among these."""
    start = own(session_id, 0).removesuffix("0")
    return [int(room.removeprefix(start)) for room in rooms if room.startswith(start)]


def opened_by(is_host: bool) -> str:
    return HOSTS if is_host else EVERYBODY
