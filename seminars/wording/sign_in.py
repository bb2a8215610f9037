"""The letter with a link and a number to enter by."""

from django.conf import settings
from django.utils.translation import gettext as _

from seminars import addresses
from seminars.wording.told import Telling, Words


def words(telling: Telling) -> Words:
    link = telling.link
    if link is None:
        raise ValueError("letter: without its link")
    lasts = link.expires_at - link.created_at
    context = {
        "sign_in_address": addresses.sign_in(link.token),
        "number": link.number,
        "minutes": max(1, int(lasts.total_seconds() // 60)),
    }
    return Words(
        kind="sign_in", subject=_("Your link to enter Viso"), sender=settings.MAIL_FROM, context=context
    )
