"""Since when this browser knows that it is she: by a sign-in link or a number from her own mail, never by the link of
an invitation, which may have been passed on; long ago is proved anew.

Who signs an attendance sheet proves herself within SIGN_PROOF_MINUTES, else a number is mailed and asked in the same
form.
"""

import time
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from seminars.actions import people
from seminars.actions.letters import NOWHERE
from seminars.errors import Refused
from seminars.models import Person
from web import limits

PROVED, ASKED = "proved", "proof_asked"
"""Keys of the browser's session: when she last proved herself; who was mailed a number, and when."""


def note(session: Any) -> None:
    """She opened her sign-in link, or typed her number, now. Real seconds: this is about the browser, not a seminar."""
    session[PROVED] = int(time.time())
    session.pop(ASKED, None)


def forget(session: Any) -> None:
    session.pop(PROVED, None)


def is_fresh(request: HttpRequest, person: Person) -> bool:
    """Whether she who is known here has proved lately that she is this person."""
    age = time.time() - request.session.get(PROVED, 0)
    return request.user.pk == person.pk and bool(0 <= age < settings.SIGN_PROOF_MINUTES * 60)


def is_asked(request: HttpRequest, person: Person) -> bool:
    """Whether a number is on its way to her that this browser may still be asked for."""
    code, at = request.session.get(ASKED) or ("", 0)
    return code == person.code and time.time() - at < settings.SIGN_IN_MINUTES * 60


def has_mail(person: Person) -> bool:
    """Whether a letter reaches her."""
    return not person.email.endswith(NOWHERE)


def ask(request: HttpRequest, person: Person) -> None:
    """Mails a number. Raises Refused: `no_mail_address` of whoever has none, `too_fast`."""
    if not has_mail(person):
        raise Refused("no_mail_address")
    if limits.wait(request, limits.MAILS):
        raise Refused("too_fast")
    limits.count(request, limits.MAILS)
    people.ask_link(email=person.email)
    request.session[ASKED] = [person.code, int(time.time())]


def take(request: HttpRequest, person: Person, number: str) -> None:
    """Whether it is the number of her mail; the caller makes her known here, then notes it. Raises Refused:
    `code_wrong`, `too_fast` after many wrong ones."""
    if limits.wait(request):
        raise Refused("too_fast")
    try:
        people.enter_by_number(email=person.email, number=number)
    except Refused:
        limits.count(request)
        raise
