"""The letter that says, some time before, that a session comes: by now everything in it has been told before."""

from django.utils.translation import gettext as _

from seminars.wording import told


def words(telling: told.Telling) -> told.Words:
    context = told.session_words(telling) | {"asks": not telling.answer}
    subject = _("Reminder: %(title)s, %(day)s") % {**context, "day": told.subject_day(telling)}
    return told.Words(kind="reminder", subject=subject, sender=told.agent(telling), context=context)
