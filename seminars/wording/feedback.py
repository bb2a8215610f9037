"""The letter that asks who was there for a few answers."""

from django.conf import settings
from django.utils.translation import gettext as _

from seminars import addresses
from seminars.models import Letter
from seminars.queries import occasions
from seminars.wording import told


def words(letter: Letter) -> told.Words:
    occasion = occasions.of_letter(letter)
    context = told.session_words(letter, occasion) | {
        "feedback_address": addresses.invitation_feedback(told.invitation_of(letter).token),
        "days": settings.FEEDBACK_DAYS,
    }
    subject = _("Your view: %(title)s") % context
    return told.Words(kind="feedback", subject=subject, sender=told.agent(letter), context=context)
