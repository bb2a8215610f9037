"""The letter that tells of a change, beside what the reader was told last."""

from django.utils.translation import gettext as _

from seminars import saying
from seminars.models import Letter
from seminars.queries import occasions
from seminars.queries.occasions import Occasion
from seminars.vocabulary import LetterKind, LetterState
from seminars.wording import told


def words(letter: Letter) -> told.Words:
    occasion, before = occasions.of_letter(letter), _before(letter)
    person = letter.person
    has_moved = before is not None and _times(before) != _times(occasion)
    has_new_place = before is not None and told.where(before) != told.where(occasion)
    context = told.session_words(letter, occasion) | {
        "asks_again": not told.invitation_of(letter).answer,
        "before": occasions.half_days(before.slots, person.timezone, person.language)
        if before and has_moved
        else [],
        "before_where": told.where(before) if before and has_new_place else "",
    }
    if has_moved:
        start, zone, language = occasion.starts_at, person.timezone, person.language
        now = {"day": saying.day_of_month(start, zone, language), "hour": saying.hour(start, zone, language)}
        subject = _("Moved: %(title)s, now %(day)s, %(hour)s") % {**context, **now}
    else:
        subject = _("Changed: %(title)s, %(day)s") % {**context, "day": told.subject_day(letter, occasion)}
    return told.Words(kind="update", subject=subject, sender=told.agent(letter), context=context)


def _before(letter: Letter) -> Occasion | None:
    """What the last letter that left told her."""
    last = (
        Letter.objects.filter(
            ordering_key=letter.ordering_key,
            state=LetterState.SENT,
            stamp__lt=letter.stamp,
            kind__in=[LetterKind.INVITATION, LetterKind.UPDATE],
        )
        .select_related("session", "revision")
        .order_by("stamp")
        .last()
    )
    return occasions.of_letter(last) if last else None


def _times(occasion: Occasion) -> tuple[object, ...]:
    return occasion.slots, occasion.timezone
