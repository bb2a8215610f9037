"""The letter that invites: what, when, where, and the link to answer by."""

from django.utils.translation import gettext as _

from seminars.models import Letter
from seminars.queries import occasions
from seminars.wording import told


def words(letter: Letter) -> told.Words:
    occasion = occasions.of_letter(letter)
    inviter = told.invitation_of(letter).invited_by
    context = told.session_words(letter, occasion)
    context["inviter"] = inviter.name if inviter else ""
    if occasion.is_confidential:
        subject = _("Invitation: %(title)s") % context
    else:
        subject = _("Invitation: %(title)s, %(day)s") % {
            **context,
            "day": told.subject_day(letter, occasion),
        }
    return told.Words(kind="invitation", subject=subject, sender=told.agent(letter), context=context)
