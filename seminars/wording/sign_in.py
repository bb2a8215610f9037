"""The letter with a link and a number to enter by."""

from django.conf import settings
from django.utils.translation import gettext as _

from seminars import addresses
from seminars.models import Letter
from seminars.wording.told import Words


def words(letter: Letter) -> Words:
    if letter.link is None:
        raise ValueError("letter: without its link")
    lasts = letter.link.expires_at - letter.link.created_at
    context = {
        "sign_in_address": addresses.sign_in(letter.link.token),
        "number": letter.link.number,
        "minutes": max(1, int(lasts.total_seconds() // 60)),
    }
    return Words(
        kind="sign_in", subject=_("Your link to enter Viso"), sender=settings.MAIL_FROM, context=context
    )
