"""What an act did, in sentences for the page that follows: letters on their way, and a round of invitations."""

from django.contrib.messages import INFO, SUCCESS, WARNING
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from seminars.actions.invitations import Invited, Pasted
from seminars.models import Session
from seminars.moments import now
from seminars.vocabulary import LetterKind

Sentence = tuple[int, str]
"""Level of a message, and its words."""


def letters_leave(session: Session) -> str:
    """How many letters an act about a coming session has put on their way; empty for none."""
    count = session.invitations.active().count() if session.ends_at > now() else 0
    return leaving(count) if count else ""


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
