"""The letter to who has not answered: the invitation once more, as it stands, with the way to answer first."""

from django.utils.translation import gettext as _

from seminars.wording import told


def words(telling: told.Telling) -> told.Words:
    context = told.session_words(telling)
    subject = _("Your answer is still missing: %(title)s, %(day)s") % {
        **context,
        "day": told.subject_day(telling),
    }
    return told.Words(kind="asking", subject=subject, sender=told.agent(telling), context=context)
