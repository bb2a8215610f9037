"""The way from the people's page to the review of whom it would write to, and what the review says of somebody."""

from typing import Any

from django.test import Client
from django.urls import reverse

from seminars.models import Session

EN: dict[str, Any] = {"headers": {"accept-language": "en"}}


def people(session: Session) -> str:
    return reverse("session-people", args=[session.code])


def send(session: Session) -> str:
    return reverse("session-invite", args=[session.code])


def name(client: Client, session: Session, text: str = "", **more: Any) -> Any:
    """Names people in whatever way; the answer is the review."""
    return client.post(people(session), {"addresses": text} | more, **EN)


def notes(page: Any, email: str) -> list[str]:
    """What the review names of one address."""
    (row,) = [row for row in page.context["rows"] if row.prospect.address.email == email]
    return [note.name for note in row.prospect.notes]
