"""The letter that asks who was there for a few answers."""

from django.conf import settings
from django.utils.translation import gettext as _

from seminars import addresses
from seminars.wording import told


def words(telling: told.Telling) -> told.Words:
    context = told.session_words(telling) | {
        "feedback_address": addresses.invitation_feedback(telling.reader.token),
        "days": settings.FEEDBACK_DAYS,
    }
    subject = _("Your view: %(title)s") % context
    return told.Words(kind="feedback", subject=subject, sender=told.agent(telling), context=context)
