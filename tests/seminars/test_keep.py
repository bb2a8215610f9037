"""`manage.py keep` (E-04): years later rows past their time are gone, legal attendance stays, the report counts."""

import re
from datetime import UTC, date, datetime

import pytest
from django.core.management import call_command

from seminars.actions import erasure, keeping
from seminars.models import Invitation, PresenceEvent, SealedSheet, Session
from seminars.moments import as_if
from seminars.work.retaining import Keeper
from tests.keepsakes import scatter, sealed_difficult, sealing_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(tmp_path, settings):
    sealing_at(tmp_path, settings)
    made, _sheet = sealed_difficult()
    scatter(made.session, made.people["ange"], made.people["elia"])
    erasure.ask(person=made.people["cyrille"])
    with as_if(datetime(2028, 6, 30, tzinfo=UTC)):
        keeping.note_payment(project="", paid_on=date(2028, 3, 1), by=made.people["camille"])
    return made.session


def test_the_report_names_sessions_that_never_end(session, capsys):
    Session.objects.filter(pk=session.pk).update(incident="The line fell again")
    with as_if(datetime(2026, 6, 1, tzinfo=UTC)):
        call_command("keep", "--dry-run")
    assert f"session {session.code} of 2026-03-12 has changed since its seal" in capsys.readouterr().out


def report(capsys, year, *options):
    with as_if(datetime(year, 1, 1, 12, tzinfo=UTC)):
        call_command("keep", *options)
    lines = capsys.readouterr().out.splitlines()
    return {line.split(maxsplit=1)[1]: int(line.split()[0]) for line in lines if re.match(r" *\d+ \D", line)}


def said(counts, word):
    return next(number for words, number in counts.items() if words.startswith(word))


def test_a_rehearsal_counts_and_changes_nothing(session, capsys):
    events, invited = PresenceEvent.objects.count(), Invitation.objects.count()
    counts = report(capsys, 2034, "--dry-run")
    assert said(counts, "sessions condensed") == 1
    assert said(counts, "presence events gone") == events
    assert said(counts, "sessions that name nobody") == 1
    assert said(counts, "people erased") == 1
    assert (PresenceEvent.objects.count(), Invitation.objects.count()) == (events, invited)
    assert Session.objects.get(pk=session.pk).condensed_at is None
    assert counts.keys() == report(capsys, 2034).keys() - {"in all"}


def test_after_thirteen_months_events_go_and_who_was_there_stays(session, capsys):
    counts = report(capsys, 2028)
    assert said(counts, "sessions condensed") == 1
    assert said(counts, "sessions that name nobody") == 0
    assert not PresenceEvent.objects.exists()
    assert "Ange Esquisse" in str(SealedSheet.objects.get().people)
    assert Invitation.objects.exists()


def test_after_its_years_all_names_go_and_a_second_run_finds_nothing(session, capsys):
    report(capsys, 2034)
    assert SealedSheet.objects.get().people == {}
    assert not Invitation.objects.exists()
    assert sum(report(capsys, 2034).values()) == 0


def test_the_worker_keeps_once_a_day(session):
    with as_if(datetime(2028, 1, 1, 12, tzinfo=UTC)):
        assert not Keeper().round()
    assert not PresenceEvent.objects.exists()
