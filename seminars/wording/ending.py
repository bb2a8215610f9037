"""Two letters that end something: the session is cancelled for all, or one invitation is taken back."""

from django.utils.translation import gettext as _

from seminars.models import Letter
from seminars.queries import occasions
from seminars.wording import told


def cancellation(letter: Letter) -> told.Words:
    occasion = occasions.of_letter(letter)
    context = told.session_words(letter, occasion)
    subject = _("Cancelled: %(title)s, %(day)s") % {**context, "day": told.subject_day(letter, occasion)}
    return told.Words(kind="cancellation", subject=subject, sender=told.agent(letter), context=context)


def withdrawal(letter: Letter) -> told.Words:
    """To that one person; her link opens nothing any more, so the letter carries none."""
    occasion = occasions.of_letter(letter)
    context = told.session_words(letter, occasion)
    subject = _("Invitation withdrawn: %(title)s, %(day)s") % {
        **context,
        "day": told.subject_day(letter, occasion),
    }
    return told.Words(kind="withdrawal", subject=subject, sender=told.agent(letter), context=context)
