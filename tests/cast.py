"""The cast: the same few people and organisations in every test, and short ways to make what they share."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.test import Client

from seminars import moments
from seminars.actions import invitations
from seminars.actions import sessions as session_actions
from seminars.models import Activity, Invitation, Organisation, Person, Session
from seminars.vocabulary import Kind, Mode, Role
from web import idle, proving
from web.access import LEVEL

PASSWORDLESS = "django.contrib.auth.backends.ModelBackend"


@dataclass
class Clock:
    """The server's clock, moved by a file as CLOCK_SHIFT_FILE describes."""

    place: Path
    shift: float = 0.0

    def at(self, moment: datetime) -> None:
        self._set(self.shift + (moment - moments.now()).total_seconds())

    def forward(self, **length: float) -> None:
        self._set(self.shift + timedelta(**length).total_seconds())

    def _set(self, shift: float) -> None:
        self.shift = shift
        self.place.write_text(repr(shift))


def organisation(key: str, country: str) -> Organisation:
    names = {"name_fr": f"Organisation {key}", "name_it": f"Organizzazione {key}"}
    return Organisation.objects.get_or_create(key=key, defaults={"country": country, **names})[0]


def activity(code: str = "A1") -> Activity:
    names = {"name_fr": "Réseau social", "name_it": "Rete sociale", "name_en": "Social network"}
    return Activity.objects.get_or_create(code=code, defaults={"slug": f"activity-{code.lower()}", **names})[
        0
    ]


def person(
    key: str, name: str, role: str = Role.PARTICIPANT, country: str = "FR", organisation_key: str = ""
) -> Person:
    """Somebody of the cast, made at the first call."""
    language, zone = ("it", "Europe/Rome") if country == "IT" else ("fr", "Europe/Paris")
    found, _ = Person.objects.get_or_create(
        key=key,
        defaults={
            "email": f"{key}@example.org",
            "name": name,
            "role": role,
            "country": country,
            "language": language,
            "timezone": zone,
            "organisation": organisation(organisation_key, country) if organisation_key else None,
        },
    )
    return found


def make_session(by: Person, start: datetime | None = None, minutes: int = 90, **more: Any) -> Session:
    """A scheduled online training; `start` is a wall time in its zone, by default tomorrow at 9:00."""
    zone = more.pop("timezone", "Europe/Paris")
    if start is None:
        tomorrow = moments.local(moments.now(), zone) + timedelta(days=1)
        start = tomorrow.replace(hour=9, minute=0, second=0, microsecond=0, tzinfo=None)
    start = moments.local(start, zone).replace(tzinfo=None) if start.tzinfo else start
    is_draft = more.pop("is_draft", False)
    given = {
        "kind": Kind.DISTANCE_TRAINING,
        "activity": activity(),
        "host": by.organisation or organisation("fr-lead", "FR"),
        "slots": [(start, start + timedelta(minutes=minutes))],
        "timezone": zone,
        "title_fr": "Les mots du travail social",
        "title_it": "Le parole del lavoro sociale",
        "mode": Mode.ONLINE,
        "is_past_meant": True,
    } | more
    return session_actions.plan(by=by, plan=session_actions.Plan(**given), is_draft=is_draft)


def invite(session: Session, *people: Person, by: Person | None = None) -> list[Invitation]:
    """Invites people by their addresses, as a trainer would; returns their invitations in the same order."""
    addresses = [invitations.Address(number, one.email) for number, one in enumerate(people, 1)]
    invitations.invite(session=session, by=by or session.created_by, addresses=addresses)
    return [Invitation.objects.get(session=session, person=one) for one in people]


def signed_in(client: Client, someone: Person, *, invited: bool = False) -> Client:
    """The client as that person's browser; `invited`: she came by an invitation's link only."""
    client.force_login(someone, backend=PASSWORDLESS)
    state = client.session
    state[LEVEL] = "invited" if invited else "full"
    idle.start(state)
    proving.note(state)
    state.save()
    return client
