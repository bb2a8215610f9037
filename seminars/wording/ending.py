"""Two letters that end something: the session is cancelled for all, or one invitation is taken back."""

from django.utils.translation import gettext as _

from seminars.wording import told


def cancellation(telling: told.Telling) -> told.Words:
    context = told.session_words(telling)
    subject = _("Cancelled: %(title)s, %(day)s") % {**context, "day": told.subject_day(telling)}
    return told.Words(kind="cancellation", subject=subject, sender=told.agent(telling), context=context)


def withdrawal(telling: told.Telling) -> told.Words:
    """To that one person; her link opens nothing any more, so the letter carries none."""
    context = told.session_words(telling)
    subject = _("Invitation withdrawn: %(title)s, %(day)s") % {**context, "day": told.subject_day(telling)}
    return told.Words(kind="withdrawal", subject=subject, sender=told.agent(telling), context=context)
