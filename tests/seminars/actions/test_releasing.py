"""What keeping does of one session or cycle, and that a fault of one holds up no other."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import connection

from seminars.actions import certificates, erasure, keeping
from seminars.evidence import chain, seals
from seminars.models import (
    Certificate,
    CertificateBatch,
    Completion,
    PresenceEvent,
    Scheme,
    SchemeForm,
    SealedSheet,
    Session,
)
from seminars.moments import as_if, now
from seminars.vocabulary import Asked, Certified, Outcome
from seminars.work import retaining
from tests import cast, certified
from tests.keepsakes import sealed_difficult, sealing_at

pytestmark = pytest.mark.django_db
AGES = datetime(2060, 1, 1, 12, tzinfo=UTC)


@pytest.fixture
def made(tmp_path, settings):
    sealing_at(tmp_path, settings)
    return sealed_difficult()[0]


@pytest.fixture
def cycle(made):
    """With a certificate, a form, a decision and a batch, of people who stand on its sheet."""
    by, person = made.people["elia"], made.people["ange"]
    with as_if(datetime(2026, 3, 13, 12, tzinfo=UTC)):
        scheme = Scheme.objects.create(name=made.session.training_scheme, min_percent=10)
        certificates.issue(by=by, person=person, kind=Certified.ATTESTATO, scheme=scheme)
        told = {"scheme": scheme, "person": person}
        SchemeForm.objects.create(kind=Asked.NEEDS, answers=["Her words"], at=now(), **told)
        Completion.objects.create(outcome=Outcome.MET, reason="Told", decided_by=by, decided_at=now(), **told)
        certificates.ask(by=by, kind=Certified.BILINGUAL, people=[person.code], scheme=scheme)
    with as_if(datetime(2028, 6, 30, tzinfo=UTC)):
        keeping.note_payment(project="", paid_on=date(2028, 3, 1), by=by)
    return scheme


def test_a_cycle_names_nobody_once_its_sessions_name_nobody(made, cycle):
    with as_if(datetime(2033, 1, 1, tzinfo=UTC)):
        assert "cycles" not in keeping.release_due()
    assert Certificate.objects.get().facts
    with as_if(AGES):
        assert keeping.release_due()["cycles"] == 1
        assert keeping.release_due() == {}
    for model in (SchemeForm, Completion, CertificateBatch):
        assert not model.objects.exists()
    left = Certificate.objects.get()
    assert (left.person, left.issued_by, left.facts, len(left.digest)) == (None, None, {}, 64)


@pytest.mark.parametrize("state", ["running", "scheduled"])
def test_a_cycle_that_goes_on_keeps_its_certificates(made, cycle, state, dominique):
    more = cast.make_session(dominique, extra={"training_scheme": cycle.name})
    Session.objects.filter(pk=more.pk).update(state=state)
    end = AGES if state == "running" else more.ends_at - timedelta(days=1)
    Session.objects.filter(pk=made.session.pk).update(retention=["public"])
    with as_if(end):
        assert keeping.release_due()["released"] == 1
    assert Certificate.objects.get().facts
    assert SchemeForm.objects.exists()


def test_condensing_is_signed_with_what_was_condensed(made):
    with as_if(datetime(2027, 5, 1, 12, tzinfo=UTC)):
        keeping.condense(session=made.session)
    session, sheet = Session.objects.get(pk=made.session.pk), SealedSheet.objects.get()
    told = {
        "session": str(session.uid),
        "version": sheet.version,
        "count": sheet.count,
        "head": sheet.head,
        "at": chain.stamp(session.condensed_at),
    }
    assert seals.is_condensing(session.condensed_seal, **told)
    assert not seals.is_condensing(session.condensed_seal, **told | {"count": sheet.count + 1})


def test_a_session_that_fails_holds_up_no_other(made, monkeypatch, caplog):
    other = certified.held(made.people["elia"], [(made.people["ange"], 100)])
    erasure.ask(person=made.people["bruna"])
    Session.objects.update(retention=["public"])
    release = keeping.release

    def faulty(session):
        if session.pk == made.session.pk:
            raise ZeroDivisionError("a bug")
        return release(session=session)

    monkeypatch.setattr(keeping, "release", faulty)
    monkeypatch.setattr(keeping, "condense", lambda session: 1 // 0)
    with as_if(AGES):
        counts = retaining.keep()
    assert (counts["released"], counts["failed"], counts["erased"]) == (1, 3, 1)
    assert "retention of Session" in caplog.text
    assert not Session.objects.get(pk=other.pk).invitations.exists()
    assert SealedSheet.objects.get(session=made.session).people


def test_a_rehearsal_writes_nothing_and_holds_nothing(made, cycle):
    said = []

    def listen(execute, sql, params, many, context):
        said.append(sql.split()[0].upper())
        return execute(sql, params, many, context)

    with as_if(AGES):
        with connection.execute_wrapper(listen):
            told = retaining.rehearse()
        assert set(said) == {"SELECT"}
        assert told == retaining.keep()
    assert told["condensed"] == told["released"] == told["cycles"] == 1


def test_the_worker_keeps_a_handful_a_round_and_once_a_day(made, monkeypatch):
    monkeypatch.setattr(retaining, "HANDFUL", 2)
    for person in ("ange", "bruna", "karim"):
        erasure.ask(person=made.people[person])
    keeper = retaining.Keeper()
    Session.objects.update(retention=["public"])
    with as_if(AGES):
        assert keeper.round()  # condensed and released
        assert not PresenceEvent.objects.exists()
        assert [keeper.round(), keeper.round()] == [True, False]
        assert not erasure.open_requests().exists()
        assert not keeper.round()
