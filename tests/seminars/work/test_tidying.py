"""What the worker forgets once a day, and what it outlives."""

import threading
from datetime import timedelta

import pytest

from seminars.actions import letters, people
from seminars.models import Letter, SignInLink
from seminars.vocabulary import LetterState
from seminars.work import rounds
from tests import cast

pytestmark = pytest.mark.django_db


def test_the_bytes_of_a_letter_go_a_month_after_it_and_its_row_stays(elia, ange, clock):
    cast.invite(cast.make_session(elia), ange)
    Letter.objects.update(state=LetterState.SENT, content=b"bytes")
    assert letters.forget_bytes() == 0
    clock.forward(days=31)
    assert letters.forget_bytes() == 1
    assert letters.forget_bytes() == 0
    assert Letter.objects.get().content is None


def test_what_waits_keeps_its_bytes_however_old(elia, ange, clock):
    cast.invite(cast.make_session(elia), ange)
    Letter.objects.update(content=b"bytes")
    clock.forward(days=31)
    assert letters.forget_bytes() == 0


def test_old_sign_in_links_go(ange, clock):
    people.make_link(person=ange)
    assert people.forget_links() == 0
    clock.forward(days=32)
    people.forget_links()
    assert not SignInLink.objects.exists()


def test_a_fault_of_one_round_does_not_end_the_work(monkeypatch, settings, caplog):
    settings.WORK_PAUSE_SECONDS = settings.SWEEP_SECONDS = 0.01
    stop, rounds_begun = threading.Event(), []

    def sweep() -> None:
        rounds_begun.append(1)
        if len(rounds_begun) == 1:
            raise ZeroDivisionError("a bug")
        stop.set()

    monkeypatch.setattr(rounds.attendance, "sweep", sweep)
    monkeypatch.setattr(rounds, "_hang_up", lambda: None)
    rounds.work(stop)
    assert len(rounds_begun) == 2
    assert "a round of work failed" in caplog.text


def test_the_daily_round_ends_what_has_expired(elia, ange, clock):
    people.make_link(person=ange)
    clock.forward(days=40)
    rounds._tidy()
    assert not SignInLink.objects.filter(expires_at__lt=elia.created_at + timedelta(days=1)).exists()
