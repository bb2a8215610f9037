"""Presence without a socket: what a page said while no line stood, said again by the secret of its connection.

No cookie and no form token is needed: a replay may come after the sign-in has lapsed, and a beacon can send neither.
Only pages of our exact origins may ask, and who does not hold the secret learns nothing, not even what exists.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import URLPattern, path
from django.utils.crypto import constant_time_compare
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from seminars.actions import connections
from seminars.errors import Refused
from seminars.keys import digest
from seminars.limits import Limit
from seminars.models import Lease, Person, Session
from seminars.moments import instant
from seminars.permissions import Actor, Level, allows
from web import limits
from web.access import asker, asks
from web.forms.refusing import words

MOST_OCTETS = 256 * 1024
MOST_MESSAGES = 5000
FEW_MESSAGES = 20
LONGEST_AGE = timedelta(days=7)
"""Whatever is older than a session's replays are taken; keeps arithmetic on instants within their range."""
MOST_AT_ONCE = 500
"""Messages of one transaction: whoever else beats or closes the session waits for no more."""
REQUESTS = Limit("presence", 60, 60)
PARCELS = Limit("presence-parcel", 4, 600)
"""Requests with more than FEW_MESSAGES: a page that slept and woke all day sends one."""
STRANGERS = Limit("presence-stranger", 60, 60)
"""Requests of one network that were none, or had the wrong secret. A minute only: others may share the network."""
STATUS = {"forbidden": 403, "unknown_connection": 403, "too_large": 413, "too_fast": 429}


@dataclass(frozen=True, slots=True)
class Parcel:
    """What one connection said. `person` is the code of whose page it was, where it says so."""

    session: str
    connection: uuid.UUID
    secret: str
    person: str
    messages: tuple[Any, ...]

    @property
    def secret_hash(self) -> str:
        return digest(self.secret)


def _text(given: Any, most: int, least: int = 1) -> str:
    if not isinstance(given, str) or not least <= len(given) <= most or not given.isascii() or "\0" in given:
        raise Refused("bad_command")
    return given


def _key(given: Any) -> uuid.UUID:
    try:
        return uuid.UUID(_text(given, 36, 36))
    except ValueError:
        raise Refused("bad_command") from None


def _age(given: Any) -> timedelta:
    """Of a number of milliseconds; what is none, as a broken clock sends it, happened now."""
    if given is None:
        return timedelta()
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise Refused("bad_command")
    return timedelta(milliseconds=min(max(0, given), LONGEST_AGE / timedelta(milliseconds=1)))


def read(request: HttpRequest) -> Parcel:
    """Raises Refused: `too_large`, `bad_command`."""
    raw = request.read(MOST_OCTETS + 1)
    if len(raw) > MOST_OCTETS:
        raise Refused("too_large")
    try:
        given = json.loads(raw, parse_constant=lambda name: None)
    except (ValueError, RecursionError):
        raise Refused("bad_command") from None
    if not isinstance(given, dict) or not isinstance(given.get("messages"), list):
        raise Refused("bad_command")
    if len(given["messages"]) > MOST_MESSAGES:
        raise Refused("too_large")
    return Parcel(
        session=_text(given.get("session"), 40),
        connection=_key(given.get("connection")),
        secret=_text(given.get("secret"), 128, 32),
        person=_text(given.get("person") or "", 40, 0),
        messages=tuple(given["messages"]),
    )


def whose(request: HttpRequest, parcel: Parcel) -> tuple[Session, Person]:
    """The person whose connection it is; of a new one, who is signed in. Raises Refused("unknown_connection")."""
    lease = Lease.objects.filter(pk=parcel.connection).select_related("session", "person").first()
    session = Session.objects.filter(code=parcel.session).first()
    if lease is None or not lease.secret_hash:
        actor = asker(request)
        is_hers = actor.person is not None and parcel.person in ("", actor.person.code)
        is_hers = is_hers and (lease is None or lease.person_id == actor.person.pk)  # type: ignore[union-attr]
    else:
        actor = Actor(lease.person, Level.FULL)  # presence only, and only where she is a member still
        is_hers = constant_time_compare(lease.secret_hash, parcel.secret_hash)
    if session is None or (lease and lease.session_id != session.pk) or not is_hers or actor.person is None:
        raise Refused("unknown_connection")
    if not allows("seminars.record_presence", actor, session):
        raise Refused("unknown_connection")
    return session, actor.person


def message(parcel: Parcel, session: Session, person: Person, given: Any) -> connections.Message:
    """Raises Refused("bad_command")."""
    if not isinstance(given, Mapping):
        raise Refused("bad_command")
    who: dict[str, Any] = {"session_id": session.pk, "person_id": person.pk, "connection": parcel.connection}
    age, event = _age(given.get("age_ms")), given.get("event")
    match given.get("kind"):
        case "join":
            is_awake = given.get("awake") is True
            proof = parcel.secret_hash
            return connections.Join(**who, event=_key(event), age=age, is_awake=is_awake, secret_hash=proof)
        case "beat":
            return connections.Beat(**who, event=None if event is None else _key(event), age=age)
        case "leave":
            return connections.Leave(**who, event=_key(event), age=age)
    raise Refused("bad_command")


def _pace(parcel: Parcel, session: Session, person: Person) -> int:
    """Seconds until she may say more here; 0: now."""
    who = f"{session.pk}-{person.pk}"
    return REQUESTS.take(who) or (PARCELS.take(who) if len(parcel.messages) > FEW_MESSAGES else 0)


def _result(given: Any, kept: connections.Receipt | Refused) -> dict[str, Any]:
    event = given.get("event") if isinstance(given, Mapping) else None
    named = {"event": event if isinstance(event, str) and len(event) == 36 else None}
    if isinstance(kept, Refused):
        return named | {"code": kept.code, "message": words(kept)}
    return named | {"at": instant(kept.at), "new": kept.is_new}


def keep(parcel: Parcel, session: Session, person: Person) -> list[dict[str, Any]]:
    """One result for each message, in order; one that cannot be read takes nothing from the others."""
    read_: list[connections.Message | Refused] = []
    for given in parcel.messages:
        try:
            read_.append(message(parcel, session, person, given))
        except Refused as refused:
            read_.append(refused)
    taken = [each for each in read_ if not isinstance(each, Refused)]
    parts = (taken[start : start + MOST_AT_ONCE] for start in range(0, len(taken), MOST_AT_ONCE))
    kept = (answer for part in parts for answer in connections.keep(part))
    results = [each if isinstance(each, Refused) else next(kept) for each in read_]
    return [_result(given, result) for given, result in zip(parcel.messages, results, strict=True)]


def _refusal(refused: Refused, wait: int = 0) -> HttpResponse:
    body = {"code": refused.code, "message": words(refused)}
    headers = {"Retry-After": str(wait)} if wait else {}
    return JsonResponse(body, status=STATUS.get(refused.code, 400), headers=headers)


@csrf_exempt
@asks("seminars.replay_presence")
@never_cache
@require_POST
def replay(request: HttpRequest) -> HttpResponse:
    """As docs/protocol.md says under "Without a socket"."""
    if request.headers.get("Origin", "").lower() not in {origin.lower() for origin in settings.LIVE_ORIGINS}:
        return _refusal(Refused("forbidden"))
    if wait := limits.wait(request, STRANGERS):
        return _refusal(Refused("too_fast"), wait)
    try:
        parcel = read(request)
        session, person = whose(request, parcel)
    except Refused as refused:
        limits.count(request, STRANGERS)
        return _refusal(refused)
    if wait := _pace(parcel, session, person):
        return _refusal(Refused("too_fast"), wait)
    return JsonResponse({"results": keep(parcel, session, person)})


routes: list[URLPattern] = [path("live/presence/", replay, name="live-presence")]
