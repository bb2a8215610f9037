"""What a trainer types on the pages of a session, and what one reads there."""

import re
from datetime import timedelta
from typing import Any

from django.test import Client
from django.urls import reverse

from seminars.actions import invitations
from seminars.models import Invitation, Person, Session
from seminars.moments import now
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


def acquainted(by: Person, *people: Person) -> None:
    """These were invited to an earlier session of hers: she may be told who they are."""
    before = cast.make_session(by, start=now() - timedelta(days=40))
    Invitation.objects.bulk_create(
        invitations.drafted(session=before, person=person, by=by) for person in people
    )


def filled(page: str) -> list[str]:
    """The words of the filled buttons; the same button for phone and desk counts once."""
    found = re.findall(r'class="button go[^"]*"[^>]*>(?:<svg.*?</svg>)?([^<]+)<', page)
    return sorted({words.strip() for words in found})


def invite(client: Client, session: Session, text: str, **more: Any) -> Any:
    """Names people and sends the review as it stands, if there is one; the page that follows, in English."""
    english = {"headers": {"accept-language": "en"}, "follow": True}
    page = client.post(reverse("session-people", args=[session.code]), {"addresses": text}, **english)
    if "review" not in (page.context or {}):
        return page
    return client.post(reverse("session-invite", args=[session.code]), sent(page) | more, **english)


def sent(page: Any) -> dict[str, Any]:
    """What a browser sends from a review."""
    ticked = [each.address.email for each in page.context["review"].chosen]
    box = page.context["form"]["addresses"].value() or ""
    return {"rows": page.context["table"], "to": ticked, "addresses": box}


def at_field(response: Any, name: str) -> str:
    """What is said at a field."""
    assert response.status_code == 422
    return " ".join(response.context["form"].errors.get(name, []))


def see(client: Client, session: Session) -> str:
    response = client.get(reverse("session", args=[session.code]))
    assert response.status_code == 200
    return response.content.decode()
