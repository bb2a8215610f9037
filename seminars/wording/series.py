"""Many letters quickly: what is equal for all readers of one kind, revision and language is drawn once.

`mail.render` draws one letter for itself and is the reference: the bytes are the same.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.conf import settings

from seminars.ical.mould import Marks, Mould
from seminars.models import Letter
from seminars.vocabulary import LetterKind
from seminars.wording.beside import NOTHING, Beside, beside
from seminars.wording.mail import draft, message_id, render
from seminars.wording.told import Reader, Telling, line, on_day, tell

MOST_MOULDS = 64
ALONE = (LetterKind.SIGN_IN, LetterKind.CONVOCATION, LetterKind.SEAL)
"""Kinds that say, or bring, something of its own to each reader."""


class Series:
    """Draws letters; keeps the moulds of the last kinds and revisions. Settings must stay what they are meanwhile."""

    def __init__(self) -> None:
        self._moulds: dict[tuple[Any, ...], Mould] = {}
        self._beside: dict[UUID, Beside] = {}

    def expect(self, letters: Iterable[Letter]) -> None:
        """Asks once for what these letters say that stands in other rows; forgets the last batch."""
        self._beside = beside(letters)

    def draw(self, letter: Letter) -> bytes:
        """The bytes of `mail.render`, and its ValueError. What stands in other rows is said only if it was expected."""
        name, invitation = letter.person.name, letter.invitation
        if letter.kind in ALONE or invitation is None or not name or name != line(name):
            return render(letter)
        mould = self._mould(letter)
        words = {
            "name": name,
            "email": letter.person.email,
            "token": invitation.token,
            "agent": invitation.agent,
        }
        return mould.cast(words, message_id=message_id(letter), date=letter.created_at, stamp=letter.stamp)

    def _mould(self, letter: Letter) -> Mould:
        person, invitation, more = letter.person, letter.invitation, self._beside.get(letter.pk, NOTHING)
        inviter = invitation.invited_by if invitation else None
        key = (
            letter.kind,
            letter.session_id,
            letter.revision_id,
            letter.sequence,
            letter.message_id,
            person.language,
            person.timezone,
            on_day(letter.stamp, person.timezone),
            invitation.answer if invitation else "",
            inviter.name if inviter else "",
            more.before and more.before.revision_id,
            more.in_place_of,
            more.decision,
            more.trainer,
        )
        found = self._moulds.pop(key, None)
        if found is None:
            found = _made(tell(letter, more))
        self._moulds[key] = found  # the newest last
        while len(self._moulds) > MOST_MOULDS:
            del self._moulds[next(iter(self._moulds))]
        return found


def _made(telling: Telling) -> Mould:
    marks = Marks.new()
    reader = Reader(name=marks.name, email=marks.email, token=marks.token, agent=marks.agent)
    drawn = draft(replace(telling, reader=reader))
    return Mould(
        marks=marks,
        sender=(line(settings.MAIL_NAME), drawn.sender),
        subject=drawn.subject,
        text=drawn.text,
        html=drawn.html,
        language=telling.language,
        calendar=drawn.calendar,
        method=drawn.method,
        unsubscribe=drawn.unsubscribe,
    )
