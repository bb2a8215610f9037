"""The letter that tells of a change, beside what the reader was told last."""

from django.utils.translation import gettext as _

from seminars import saying
from seminars.queries import occasions
from seminars.queries.occasions import Occasion
from seminars.wording import told


def words(telling: told.Telling) -> told.Words:
    occasion, before = telling.occasion, telling.before
    zone, language = telling.zone, telling.language
    has_moved = before is not None and _times(before) != _times(occasion)
    has_new_place = before is not None and told.where(before) != told.where(occasion)
    context = told.session_words(telling) | {
        "asks_again": not telling.answer and (before is None or has_moved or has_new_place),
        "is_answered": bool(telling.answer),
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


def _times(occasion: Occasion) -> tuple[object, ...]:
    return occasion.slots, occasion.timezone
