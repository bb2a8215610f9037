"""The letter to who asked that somebody comes in her place: it is confirmed, or it is not. Her answer stays hers, so
it carries nothing for her calendar."""

from django.utils.translation import gettext as _

from seminars.wording import told


def words(telling: told.Telling) -> told.Words:
    """Raises ValueError where nothing has been decided."""
    decision = telling.decision
    if decision is None:
        raise ValueError("letter: without its decision")
    context = told.session_words(telling) | {
        "substitute": decision.substitute,
        "is_accepted": decision.is_accepted,
    }
    subject = _("In your place: %(title)s, %(day)s") % {**context, "day": told.subject_day(telling)}
    return told.Words(kind="substitution", subject=subject, sender=told.agent(telling), context=context)
