"""The outbox loses nothing and sends nothing twice otherwise: crashes, refusals, servers that are away."""

import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction

from seminars import wording
from seminars.actions import letters
from seminars.models import Letter, Person
from seminars.vocabulary import LetterState
from seminars.work import outbox, rounds, work
from seminars.work.mailing import Folder
from tests import cast
from tests.seminars.work.mailserver import send

pytestmark = pytest.mark.django_db


class Rounds(threading.Event):
    """Says stop after some rests, and keeps how long they were wished to be."""

    def __init__(self, most: int) -> None:
        super().__init__()
        self.most = most
        self.rests: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.rests.append(timeout or 0)
        if len(self.rests) >= self.most:
            self.set()
        return self.is_set()


def test_what_an_action_posts_and_takes_back_never_leaves(elia, ange, letterbox):
    session = cast.make_session(elia)
    with pytest.raises(ZeroDivisionError), transaction.atomic():
        cast.invite(session, ange)
        raise ZeroDivisionError
    assert letterbox.run() == []
    assert not Letter.objects.exists()


def test_a_worker_killed_after_the_claim_loses_no_letter(elia, ange, letterbox, clock, settings):
    cast.invite(cast.make_session(elia), ange)
    assert outbox.claim(owner="killed")
    assert letterbox.run() == []
    clock.forward(seconds=settings.LETTER_LEASE_SECONDS + 1)
    (mail,) = letterbox.run()
    assert mail.recipients == [ange.email]
    assert letterbox.run() == []


def test_a_second_try_sends_the_very_same_bytes(elia, ange, letterbox, clock, settings):
    cast.invite(cast.make_session(elia), ange)
    (letter,) = outbox.claim(owner="killed")
    content = letter.content = wording.render(letter)
    outbox.keep([letter])
    Person.objects.filter(pk=ange.pk).update(name="Ange Autrement", language="it")
    clock.forward(seconds=settings.LETTER_LEASE_SECONDS + 1)
    (mail,) = letterbox.run()
    assert mail.content == content


def test_a_worker_killed_between_sending_and_noting_it_replaces_its_file(
    elia, ange, letterbox, clock, settings
):
    cast.invite(cast.make_session(elia), ange)
    (first,) = letterbox.run()
    Letter.objects.update(state=LetterState.PENDING, owner="killed", sent_at=None)
    send()
    (file,) = letterbox.place.glob("*.eml")
    assert file.read_bytes() == first.content
    assert not list(letterbox.place.glob(".*"))


def test_the_same_letter_is_drawn_the_same_twice(elia, ange):
    cast.invite(cast.make_session(elia), ange)
    (letter,) = outbox.claim(owner="one")
    assert wording.render(letter) == wording.render(letter)


def test_a_letter_that_cant_be_written_holds_up_no_other(elia, ange, bruna, letterbox):
    Person.objects.filter(pk=ange.pk).update(email="not an address")
    session = cast.make_session(elia)
    ange.refresh_from_db()
    cast.invite(session, bruna)
    from_invite = Letter.objects.get()
    letters.post_sign_in(
        person=ange,
        link=ange.sign_in_links.create(created_at=from_invite.created_at, expires_at=session.ends_at),
    )
    assert [mail.recipients for mail in letterbox.run()] == [[bruna.email]]
    assert Letter.objects.get(person=ange).state == LetterState.FAILED


def test_the_work_goes_on_after_the_database_was_away(elia, ange, letterbox, monkeypatch):
    faults = [OperationalError("locked"), OperationalError("locked")]
    real = outbox.claim

    def sometimes(**options: Any) -> list[Letter]:
        if faults:
            raise faults.pop()
        return real(**options)

    monkeypatch.setattr(outbox, "claim", sometimes)
    cast.invite(cast.make_session(elia), ange)
    stop = Rounds(3)
    work(stop)
    assert Letter.objects.get().state == LetterState.SENT
    assert stop.rests == [1.0, 2.0, 0.5]


def test_the_worker_ends_stale_leases(monkeypatch):
    swept = []
    monkeypatch.setattr(rounds.attendance, "sweep", lambda: swept.append(True))
    work(Rounds(3))
    assert swept == [True]


def test_a_worker_told_to_stop_ends_its_letter_and_holds_nothing(elia, ange, bruna, letterbox, monkeypatch):
    stop = threading.Event()
    cast.invite(cast.make_session(elia), ange, bruna)
    real = Folder.send

    def send(*given: Any) -> None:
        stop.set()
        real(*given)

    monkeypatch.setattr(Folder, "send", send)
    work(stop)
    assert sorted(Letter.objects.values_list("state", "owner")) == [("pending", ""), ("sent", "")]


def test_a_lapsed_sign_in_link_is_not_sent(ange, letterbox, clock):
    link = ange.sign_in_links.create(created_at=ange.created_at, expires_at=ange.created_at)
    letters.post_sign_in(person=ange, link=link)
    clock.forward(minutes=1)
    assert letterbox.run() == []
    assert Letter.objects.get().state == LetterState.SUPERSEDED


def test_the_command_sends_what_is_due(elia, ange, letterbox, capsys):
    cast.invite(cast.make_session(elia), ange)
    call_command("work", once=True)
    assert capsys.readouterr().out == "1 letters sent\n"
    assert len(list(letterbox.place.glob("*.eml"))) == 1
