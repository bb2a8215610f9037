"""What a half-day is called on a page: the morning, the afternoon, with its day where there are several."""

from collections.abc import Sequence

from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

from seminars import saying
from seminars.models import Session, Slot

NOON, EVENING = 13, 18


def _part(slot: Slot, zone: str) -> str:
    hour = saying.local(slot.starts_at, zone).hour
    return "morning" if hour < NOON else "afternoon" if hour < EVENING else "evening"


def _is_alone(slot: Slot, slots: Sequence[Slot], zone: str) -> bool:
    """Whether no other half-day of that date falls into the same part of it."""
    mine = saying.local(slot.starts_at, zone).date(), _part(slot, zone)
    return sum((saying.local(one.starts_at, zone).date(), _part(one, zone)) == mine for one in slots) == 1


def name(slot: Slot, session: Session, slots: Sequence[Slot]) -> str:
    """`Morning`, `Afternoon, Thursday 4 February`, `Half-day 3`."""
    zone = session.timezone
    if not _is_alone(slot, slots, zone):
        said = _("Half-day %(n)s") % {"n": slot.number}
    else:
        said = {
            "morning": pgettext("half-day", "Morning"),
            "afternoon": pgettext("half-day", "Afternoon"),
            "evening": pgettext("half-day", "Evening"),
        }[_part(slot, zone)]
    if len({saying.local(one.starts_at, zone).date() for one in slots}) == 1:
        return said
    return f"{said}, {saying.day_of_month(slot.starts_at, zone, get_language() or 'en')}"


def sign_words(slot: Slot, session: Session, slots: Sequence[Slot]) -> str:
    """What the button says."""
    if not _is_alone(slot, slots, session.timezone):
        return _("Sign half-day %(n)s") % {"n": slot.number}
    return {
        "morning": _("Sign the morning"),
        "afternoon": _("Sign the afternoon"),
        "evening": _("Sign the evening"),
    }[_part(slot, session.timezone)]
