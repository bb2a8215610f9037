"""What a trainer types on the pages of a session, and what one reads there."""

import re
from typing import Any

from django.test import Client
from django.urls import reverse

from seminars.models import Person, Session
from tests import cast


def planned(by: Person, **more: Any) -> dict[str, Any]:
    """What a trainer types; None leaves a field out."""
    typed = {
        "title_fr": "Les mots du travail social",
        "title_it": "Le parole del lavoro sociale",
        "kind": "distance_training",
        "activity": cast.activity().pk,
        "date": "2027-03-11",
        "start": "14:00",
        "end": "15:30",
        "timezone": "Europe/Rome",
        "mode": "online",
        "host": by.organisation_id,
        "trainer": by.pk,
        "languages": ["fr", "it"],
        "schedule": "",
    } | more
    return {name: value for name, value in typed.items() if value is not None}


def moved(**more: Any) -> dict[str, Any]:
    typed = {
        "date": "2027-03-11",
        "start": "14:00",
        "end": "15:30",
        "timezone": "Europe/Rome",
        "mode": "online",
    }
    return typed | more


def filled(page: str) -> list[str]:
    """The words of the filled buttons; the same button for phone and desk counts once."""
    found = re.findall(r'class="button go[^"]*"[^>]*>(?:<svg.*?</svg>)?([^<]+)<', page)
    return sorted({words.strip() for words in found})


def at_field(response: Any, name: str) -> str:
    """What is said at a field."""
    assert response.status_code == 422
    return " ".join(response.context["form"].errors.get(name, []))


def see(client: Client, session: Session) -> str:
    response = client.get(reverse("session", args=[session.code]))
    assert response.status_code == 200
    return response.content.decode()
