"""What PLAN says, planned without the API, and a session's rows to compare."""

from datetime import datetime
from typing import Any

from django.forms.models import model_to_dict

from seminars.actions import sessions as actions
from seminars.models import Person, Session
from tests import cast

OWN = ("id", "code", "uid", "room", "created_by", "organisers")


def by_action(elia: Person, **more: Any) -> Session:
    """What PLAN says, planned without the API."""
    given: dict[str, Any] = {
        "kind": "distance_training",
        "activity": cast.activity(),
        "host": elia.organisation,
        "timezone": "Europe/Rome",
        "slots": [
            (datetime(2031, 3, 11, 9), datetime(2031, 3, 11, 12)),
            (datetime(2031, 3, 11, 14), datetime(2031, 3, 11, 17)),
        ],
        "title_fr": "Les mots du travail",
        "title_it": "Le parole del lavoro",
        "summary_fr": "Deux demi-journées.",
        "capacity": 12,
        "min_presence_percent": 80,
        "is_public": True,
    }
    return actions.plan(by=elia, plan=actions.Plan(**given | more))


def row(session: Session) -> dict[str, Any]:
    session.refresh_from_db()
    plain = {name: value for name, value in model_to_dict(session).items() if name not in OWN}
    return plain | {
        "slots": list(session.slots.values_list("number", "starts_at", "ends_at")),
        "team": list(session.team.values_list("person__key", "role")),
        "organisers": sorted(session.organisers.values_list("key", flat=True)),
        "letters": sorted(session.letters.values_list("kind", "person__key", "state", "sequence")),
    }
