"""A script that calls the API with a token, as a test writes it."""

from dataclasses import dataclass, field
from typing import Any

from django.core.cache import caches
from django.http import HttpResponse
from django.test import Client

from seminars import moments
from seminars.actions import people
from seminars.models import ApiToken, Person, Session

PROBLEM = "application/problem+json"


@dataclass
class Script:
    """Sends JSON; `key` empty: without a token."""

    key: str = ""
    language: str = "en"
    client: Client = field(default_factory=Client)

    def send(self, method: str, path: str, body: Any = None, **more: Any) -> HttpResponse:
        headers = {"Accept-Language": self.language, **more.pop("headers", {})}
        if self.key:
            headers["Authorization"] = f"Bearer {self.key}"
        call = getattr(self.client, method)
        if method in ("post", "patch", "put"):
            more = {"data": {} if body is None else body, "content_type": "application/json"} | more
        answer: HttpResponse = call(f"/api/{path}", headers=headers, **more)
        return answer

    def get(self, path: str, **more: Any) -> HttpResponse:
        return self.send("get", path, **more)

    def post(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        return self.send("post", path, body, **more)

    def patch(self, path: str, body: Any = None, **more: Any) -> HttpResponse:
        return self.send("patch", path, body, **more)

    def delete(self, path: str, **more: Any) -> HttpResponse:
        return self.send("delete", path, **more)


def token(person: Person, *, may_write: bool = True) -> tuple[ApiToken, str]:
    caches["shared"].clear()  # the throttle counts by token, and each test database numbers its tokens from 1
    return people.make_api_token(person=person, name="script", may_write=may_write)


def script(person: Person, *, may_write: bool = True, language: str = "en") -> Script:
    return Script(token(person, may_write=may_write)[1], language)


def walls(session: Session) -> list[dict[str, str]]:
    """The slots of a session as a body gives them."""
    zone = session.timezone
    return [
        {
            "start": moments.local(slot.starts_at, zone).strftime("%Y-%m-%dT%H:%M"),
            "end": moments.local(slot.ends_at, zone).strftime("%Y-%m-%dT%H:%M"),
        }
        for slot in session.slots.all()
    ]


PLAN: dict[str, Any] = {
    "kind": "distance_training",
    "activity": "A1",
    "host": "it-coop",
    "timezone": "Europe/Rome",
    "slots": [
        {"start": "2031-03-11T09:00", "end": "2031-03-11T12:00"},
        {"start": "2031-03-11T14:00", "end": "2031-03-11T17:00"},
    ],
    "title": {"fr": "Les mots du travail", "it": "Le parole del lavoro"},
    "summary": {"fr": "Deux demi-journées."},
    "mode": "online",
    "capacity": 12,
    "min_presence_percent": 80,
    "public": True,
}
MOVED = [{"start": "2031-03-12T09:00", "end": "2031-03-12T12:00"}]
