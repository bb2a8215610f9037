"""What an act did, in sentences for the page that follows: letters on their way, and a round of invitations."""

from django.contrib.messages import INFO, SUCCESS, WARNING
from django.db.models import Count, Min
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from seminars import saying
from seminars.actions.invitations import Invited
from seminars.exchange.address import Pasted
from seminars.models import Session
from seminars.moments import now
from seminars.vocabulary import LetterKind, LetterState

Sentence = tuple[int, str]
"""Level of a message, and its words."""


def letters_leave(session: Session) -> str:
    """How many letters an act about a coming session has put on their way; empty for none."""
    count = session.invitations.active().count() if session.ends_at > now() else 0
    return leaving(count) if count else ""


def letters_of_edit(session: Session) -> str:
    """Likewise, of an edit: about words they wait for the next one, until an hour on the session's clock."""
    waiting = session.letters.filter(kind=LetterKind.UPDATE, state=LetterState.PENDING, next_at__gt=now())
    found = waiting.aggregate(count=Count("pk"), first=Min("next_at"))
    if not found["count"]:
        return letters_leave(session)
    words = ngettext(
        "One letter leaves at %(hour)s, with whatever you edit until then.",
        "%(n)s letters leave at %(hour)s, with whatever you edit until then.",
        found["count"],
    )
    hour = saying.hour(found["first"], session.timezone, get_language() or "en")
    return words % {"n": found["count"], "hour": hour}


def letters_of_end(session: Session) -> str:
    """How many letters tell of a cancelled session: who was never told of it gets none."""
    told = session.letters.filter(kind=LetterKind.CANCELLATION, sequence=session.sequence).count()
    return leaving(told) if told else _("No letter leaves.")


def leaving(count: int) -> str:
    return ngettext("One letter is on its way.", "%(n)s letters are on their way.", count) % {"n": count}


def round_words(done: Invited, pasted: Pasted) -> list[Sentence]:
    """Who was invited, who was before, who is new here, who stood there twice."""
    said: list[Sentence] = []
    if done.new:
        said.append((SUCCESS, leaving(len(done.new))))
    if done.again:
        names = ", ".join(person.name for person in done.again)
        told = _("Their last letter did not arrive, and a new one is on its way: %(names)s.")
        said.append((SUCCESS, told % {"names": names}))
    if done.already:
        names = ", ".join(person.name for person in done.already)
        said.append((INFO, _("Invited before, no second letter: %(names)s.") % {"names": names}))
    if done.unknown:
        who = ", ".join(done.unknown)
        told = _("New here, and invited like the others: %(addresses)s. Check how it is written.")
        said.append((INFO, told % {"addresses": who}))
    if pasted.twice:
        who = ", ".join(dict.fromkeys(pasted.twice))
        said.append((WARNING, _("Written twice, invited once: %(addresses)s.") % {"addresses": who}))
    return said
