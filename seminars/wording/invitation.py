"""The letter that invites: what, when, where, and the link to answer by."""

from django.utils.translation import gettext as _

from seminars.wording import told


def words(telling: told.Telling) -> told.Words:
    context = told.session_words(telling)
    context |= {"inviter": telling.inviter, "in_place_of": telling.in_place_of}
    if telling.occasion.is_confidential:
        subject = _("Invitation: %(title)s") % context
    else:
        subject = _("Invitation: %(title)s, %(day)s") % {**context, "day": told.subject_day(telling)}
    return told.Words(kind="invitation", subject=subject, sender=told.agent(telling), context=context)
