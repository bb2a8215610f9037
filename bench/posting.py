"""Invitations on their way to a mail server, in rotation: `python -m bench.posting send|outbox COUNT RUNS`.

`send` has letters that no database knows: ours, prebuilt bytes by smtplib, and Django's default way. `outbox` has ours
in the database, with claim, bytes and outcome of each, beside prebuilt bytes. Prints letters per second as JSON.
"""

import json
import smtplib
import sys
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import islice

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from bench.crowd import session_of  # sets Django up: before the models
from seminars.actions.letters import freeze
from seminars.models import Invitation, Letter, Revision
from seminars.moments import now
from seminars.vocabulary import LetterKind, LetterState
from seminars.wording import Series
from seminars.wording.mail import draft
from seminars.wording.told import tell
from seminars.work.deliveries import Postman, hand_over
from seminars.work.mailing import Server, envelope

SHARE = 10
"""Of the letters one in so many goes Django's way, which takes as much longer."""


def written(invitations: Sequence[Invitation], revision: Revision) -> list[Letter]:
    present = now()
    return [
        Letter(
            id=uuid.uuid4(),
            kind=LetterKind.INVITATION,
            person=each.person,
            session=each.session,
            invitation=each,
            revision=revision,
            ordering_key=f"{revision.session.uid}/{each.person_id}",
            stamp=present,
            created_at=present,
            next_at=present,
        )
        for each in invitations
    ]


def rate(count: int, function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return count / (time.perf_counter() - began)


class Prebuilt:
    """The least that sending costs: bytes that are there, over one connection."""

    def __init__(self, letters: Sequence[Letter]) -> None:
        series = Series()
        self.mails = [(*envelope(content), content) for content in map(series.draw, letters)]
        self.line = smtplib.SMTP(settings.EMAIL_HOST, settings.EMAIL_PORT)

    def __call__(self) -> None:
        for sender, recipient, content in self.mails:
            self.line.sendmail(sender, [recipient], content)


def django_way(letters: Sequence[Letter]) -> None:
    """Each letter drawn from its templates, built as Django's manual has it, on a connection of its own."""
    for letter in letters:
        drawn = draft(tell(letter))
        mail = EmailMultiAlternatives(drawn.subject, drawn.text, drawn.sender, [letter.person.email])
        mail.attach_alternative(drawn.html, "text/html")
        mail.attach_alternative(
            (drawn.calendar or b"").decode(), f"text/calendar; charset=UTF-8; method={drawn.method}"
        )
        mail.attach("invite.ics", drawn.calendar, "application/ics")
        mail.send()


def outbox() -> None:
    """Until nothing is due."""
    postman, stop = Postman("bench"), threading.Event()
    while postman.round(stop):
        pass
    postman.close()


def ways_to_send(letters: Sequence[Letter]) -> Iterator[tuple[str, float]]:
    """One round after the other, a rate each."""
    count, few = len(letters), letters[: max(1, len(letters) // SHARE)]
    prebuilt, way = Prebuilt(letters), Server()
    hand_over(few, way)  # warm
    while True:
        yield "prebuilt", rate(count, prebuilt)
        yield "ours", rate(count, partial(hand_over, letters, way))
        yield "default", rate(len(few), partial(django_way, few))


def whole_outbox(letters: Sequence[Letter], again: Callable[[], list[Letter]]) -> Iterator[tuple[str, float]]:
    """Likewise; what is posted for each round is not measured. Raises RuntimeError if a letter has not left."""
    prebuilt = Prebuilt(letters)
    while True:
        yield "prebuilt", rate(len(letters), prebuilt)
        posted = Letter.objects.bulk_create(again(), batch_size=500)
        yield "ours", rate(len(posted), outbox)
        if Letter.objects.exclude(state=LetterState.SENT).exists():
            raise RuntimeError("not every letter has left")


def main(mode: str, count: int, runs: int) -> dict[str, list[float]]:
    session, _people = session_of(count, is_open=False)
    invitations = list(Invitation.objects.filter(session=session).select_related("person", "invited_by"))
    for each in invitations:
        each.session = session
    again = partial(written, invitations, freeze(session))
    rounds = ways_to_send(again()) if mode == "send" else whole_outbox(again(), again)
    found: dict[str, list[float]] = {}
    for name, figure in islice(rounds, runs * (3 if mode == "send" else 2)):
        found.setdefault(name, []).append(figure)
    return found


if __name__ == "__main__":
    json.dump(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])), sys.stdout)
