"""The letter that tells of a change, beside what the reader was told last."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from seminars import saying
from seminars.models import Letter
from seminars.queries import occasions
from seminars.queries.occasions import Occasion
from seminars.vocabulary import LetterKind, LetterState
from seminars.wording import told


def words(telling: told.Telling) -> told.Words:
    occasion, before = telling.occasion, telling.before
    zone, language = telling.zone, telling.language
    has_moved = before is not None and _times(before) != _times(occasion)
    has_new_place = before is not None and told.where(before) != told.where(occasion)
    context = told.session_words(telling) | {
        "asks_again": not telling.answer,
        "before": occasions.half_days(before.slots, zone, language) if before and has_moved else [],
        "before_where": told.where(before) if before and has_new_place else "",
    }
    if has_moved:
        start = occasion.starts_at
        now = {"day": saying.day_of_month(start, zone, language), "hour": saying.hour(start, zone, language)}
        subject = _("Moved: %(title)s, now %(day)s, %(hour)s") % {**context, **now}
    else:
        subject = _("Changed: %(title)s, %(day)s") % {**context, "day": told.subject_day(telling)}
    return told.Words(kind="update", subject=subject, sender=told.agent(telling), context=context)


def told_before(letters: Iterable[Letter]) -> dict[object, Letter]:
    """By letter, the last one before it that left and told of the session; one query, none where no update is."""
    updates = [letter for letter in letters if letter.kind == LetterKind.UPDATE]
    if not updates:
        return {}
    sent = (
        Letter.objects.filter(
            ordering_key__in={letter.ordering_key for letter in updates},
            state=LetterState.SENT,
            kind__in=[LetterKind.INVITATION, LetterKind.UPDATE],
        )
        .select_related("session", "revision")
        .defer("content")
        .order_by("stamp")
    )
    found: dict[object, Letter] = {}
    for earlier in sent:
        for letter in updates:
            if letter.ordering_key == earlier.ordering_key and earlier.stamp < letter.stamp:
                found[letter.pk] = earlier
    return found


def _times(occasion: Occasion) -> tuple[object, ...]:
    return occasion.slots, occasion.timezone
