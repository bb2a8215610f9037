"""What every page's frame shows."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from seminars.permissions import ANYBODY, allows


def frame(request: HttpRequest) -> dict[str, Any]:
    actor = getattr(request, "actor", ANYBODY)
    look = request.COOKIES.get("look", "")
    return {
        "actor": actor,
        "can_plan": allows("seminars.plan_session", actor),
        "is_full": allows("seminars.keep_account", actor),
        "demo": settings.DEMO,
        "funding": settings.FUNDING if settings.FUNDING["line"] else None,
        "look": look if look in ("light", "dark") else "",
    }
