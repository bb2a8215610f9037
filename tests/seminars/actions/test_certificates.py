"""Certificates: who may have one, numbers without gaps, issues, and many in one go whatever dies meanwhile."""

import threading
from datetime import timedelta

import pytest
from django.db import connection, transaction

from seminars import moments
from seminars.actions import certificates, sessions
from seminars.documents import certificates as papers
from seminars.errors import Refused
from seminars.models import Certificate, CertificateBatch, SealedSheet
from seminars.moments import as_if
from seminars.queries import certified as grounds
from seminars.queries import sheets
from seminars.vocabulary import Certified, Role
from seminars.work.certifying import Certifier
from tests import cast, certified
from tests.difficult import MINUTES, difficult

pytestmark = pytest.mark.django_db
AFTER = moments.at(certified.DAY, "Europe/Paris") + timedelta(days=1)


@pytest.fixture(autouse=True)
def after():
    with as_if(AFTER):
        yield


def issue(session, person, kind=Certified.ATTESTATO, **more):
    return certificates.issue(by=session.created_by, person=person, kind=kind, session=session, **more)


def test_who_is_over_the_threshold_gets_a_number_a_code_and_facts_of_the_sealed_sheet(elia, ange, bruna):
    session = certified.held(elia, [(ange, 80), (bruna, 100)])
    first, second = issue(session, bruna), issue(session, ange)
    assert [first.number, second.number] == ["V-2027-0001", "V-2027-0002"]
    assert (first.facts["minutes"], first.facts["planned"], first.facts["percent"]) == (100, 100, 100)
    assert first.language == "it"
    proof = SealedSheet.objects.get(session=session)
    assert list(first.sheets.all()) == [proof]
    assert first.facts["sheets"][0]["seal"] == proof.seal_hash
    assert first.digest == grounds.digest(Certificate.objects.get(pk=first.pk).facts)
    assert len(first.code) == 16


@pytest.mark.parametrize(("minutes", "code"), [(79, "below_threshold"), (0, "not_present")])
def test_who_is_under_the_threshold_gets_none(elia, ange, minutes, code):
    session = certified.held(elia, [(ange, minutes)])
    with pytest.raises(Refused) as refused:
        issue(session, ange)
    assert refused.value.code == code
    assert not Certificate.objects.exists()


def test_an_attestation_of_the_same_day_is_of_that_day_or_the_next(elia, ange):
    session = certified.held(elia, [(ange, 60)], is_sealed=False)
    with as_if(session.ends_at + timedelta(days=2)), pytest.raises(Refused, match="same_day_over"):
        issue(session, ange, Certified.SAME_DAY)
    with as_if(moments.at(certified.DAY.replace(hour=23, minute=59), "Europe/Paris") + timedelta(days=1)):
        assert issue(session, ange, Certified.SAME_DAY).issue == 1


def test_a_long_morning_pays_for_no_missed_afternoon(elia, ange):
    """Three hours and three: she stays two hours longer in the morning and misses the afternoon."""
    day = certified.DAY
    slots = [(day, day.replace(hour=12)), (day.replace(hour=14), day.replace(hour=17))]
    with as_if(moments.at(day, "Europe/Paris") - timedelta(days=7)):
        session = cast.make_session(elia, slots=slots, min_presence_percent=80)
        cast.invite(session, ange)
    with as_if(session.starts_at):
        session = sessions.open_(session=session, by=elia)
    certified._line(session, ange, 300)
    with as_if(session.ends_at):
        start = session.starts_at
        held = [
            (1, start, start + timedelta(hours=5)),
            (2, start + timedelta(hours=5), start + timedelta(hours=8)),
        ]
        session = sessions.close(session=session, by=elia, held=held, reason="A long morning")
    row = next(row for row in sheets.sheet(session).rows if row.person == ange)
    assert (row.minutes, row.credited, row.percent, row.is_met) == (300, 180, 50, False)
    with as_if(session.ends_at + timedelta(hours=1)):
        certified.seal(session, elia)
        facts = issue(session, ange, Certified.SAME_DAY).facts
    assert (facts["minutes"], facts["credited"], facts["percent"]) == (300, 180, 50)
    rows = papers.page(Certificate.objects.get())["rows"]
    texts = [words["text"] for row in rows for line in row["lines"] for words in line]
    assert any("50" in text and "3" in text for text in texts)


def test_before_the_seal_there_is_only_the_attestation_of_the_same_day(elia, ange):
    session = certified.held(elia, [(ange, 60)], is_sealed=False)
    with pytest.raises(Refused) as refused:
        issue(session, ange)
    assert refused.value.code == "not_sealed"
    found = issue(session, ange, Certified.SAME_DAY)
    assert (found.facts["minutes"], found.facts["sheets"]) == (60, [])


def test_neither_the_team_nor_a_stranger_gets_one(elia, ange, stranger):
    session = certified.held(elia, [(ange, 100)])
    for person in (elia, stranger):
        with pytest.raises(Refused) as refused:
            issue(session, person)
        assert refused.value.code == "not_on_sheet"


def test_a_second_one_of_its_kind_is_refused_and_takes_no_number(elia, ange, bruna):
    session = certified.held(elia, [(ange, 100), (bruna, 100)])
    issue(session, ange)
    with pytest.raises(Refused) as refused:
        issue(session, ange)
    assert refused.value.code == "certified_already"
    assert issue(session, ange, Certified.REALISATION).number == "V-2027-0002"
    assert issue(session, bruna).number == "V-2027-0003"


def test_what_is_rolled_back_leaves_no_gap(elia, ange):
    session = certified.held(elia, [(ange, 100)])
    with pytest.raises(RuntimeError), transaction.atomic():
        issue(session, ange)
        raise RuntimeError
    assert issue(session, ange).number == "V-2027-0001"


def test_numbers_begin_anew_with_the_year_and_bear_the_code_of_the_project(elia, ange, bruna, settings):
    session = certified.held(elia, [(ange, 100), (bruna, 100)])
    issue(session, ange)
    settings.PROJECT = settings.PROJECT | {"code": "ALP-7"}
    with as_if(AFTER.replace(year=2028)):
        assert issue(session, bruna).number == "ALP-7-2028-0001"


def test_after_9999_numbers_go_on(elia, ange):
    session = certified.held(elia, [(ange, 100)])
    for number in ("V-2027-9999", "V-2027-10000"):
        Certificate.objects.create(number=number, kind=Certified.ATTESTATO, issued_at=AFTER)
    assert issue(session, ange).number == "V-2027-10001"


def test_a_reissue_keeps_the_number_and_is_made_from_the_sheet_as_it_is_sealed_now(elia, ange):
    session = certified.held(elia, [(ange, 90)])
    first = issue(session, ange)
    session.incident = "The video failed"
    session.save()
    second_sheet = certified.seal(session, elia, "An incident was forgotten")
    again = certificates.reissue(certificate=first, by=elia, reason="New sheet", language="fr")
    assert (again.number, again.issue, again.language) == (first.number, 2, "fr")
    assert again.code != first.code
    assert list(again.sheets.all()) == [second_sheet]
    assert Certificate.objects.get(pk=first.pk).facts == first.facts


@pytest.mark.parametrize("act", [certificates.reissue, certificates.withdraw])
def test_changing_a_certificate_needs_a_reason(elia, ange, act):
    first = issue(certified.held(elia, [(ange, 90)]), ange)
    with pytest.raises(Refused) as refused:
        act(certificate=first, by=elia, reason=" ")
    assert refused.value.code == "issue_reason_missing"


def test_a_withdrawn_one_keeps_its_number_and_a_reissue_lifts_it(elia, ange, bruna):
    session = certified.held(elia, [(ange, 90), (bruna, 90)])
    first = issue(session, ange)
    assert certificates.withdraw(certificate=first, by=elia, reason="Wrong name").withdrawn_at
    with pytest.raises(Refused) as refused:
        certificates.withdraw(certificate=first, by=elia, reason="Wrong name")
    assert refused.value.code == "certificate_withdrawn"
    assert issue(session, bruna).number == "V-2027-0002"
    assert certificates.reissue(certificate=first, by=elia, reason="Right name").withdrawn_at is None


def batch_of(session, people, kind=Certified.ATTESTATO):
    codes = [person.code for person in people]
    return certificates.ask(by=session.created_by, kind=kind, people=codes, session=session)


def test_a_batch_is_made_by_the_handful_and_says_who_gets_none(elia):
    people = certified.crowd(23)
    session = certified.held(elia, [(person, 70 if n == 3 else 95) for n, person in enumerate(people)])
    batch, worker = batch_of(session, people), Certifier("one")
    progress = []
    while worker.round():
        batch.refresh_from_db()
        progress.append(batch.done)
    assert progress == [10, 20, 23]
    assert batch.finished_at is not None
    assert batch.refused == [[people[3].code, "below_threshold"]]
    numbers = sorted(Certificate.objects.values_list("number", flat=True))
    assert numbers == [f"V-2027-{n:04d}" for n in range(1, 23)]


def test_a_worker_that_dies_in_the_middle_is_followed_by_another_and_nobody_gets_two_numbers(
    elia, monkeypatch
):
    people = certified.crowd(25)
    session = certified.held(elia, [(person, 95) for person in people])
    batch, dying = batch_of(session, people), Certifier("dying")
    dying.round()
    kept = certificates._keep

    def dies(certificate, *rest):
        if certificate.number == "V-2027-0015":
            raise SystemExit("killed")
        return kept(certificate, *rest)

    monkeypatch.setattr(certificates, "_keep", dies)
    with pytest.raises(SystemExit):
        dying.round()
    monkeypatch.undo()
    assert Certificate.objects.count() == 10
    assert not Certifier("early").round()  # the lease of the dead one runs still
    with as_if(AFTER + timedelta(minutes=2)):
        other = Certifier("other")
        while other.round():
            pass
    assert not certificates.advance(batch=batch, owner="dying")
    numbers = sorted(Certificate.objects.values_list("number", flat=True))
    assert numbers == [f"V-2027-{n:04d}" for n in range(1, 26)]
    assert Certificate.objects.values("person").distinct().count() == 25


def test_one_certificate_that_cannot_be_made_does_not_hold_up_the_others(elia, monkeypatch, caplog):
    people = certified.crowd(4)
    session = certified.held(elia, [(person, 95) for person in people])
    batch, worker, kept = batch_of(session, people), Certifier("one"), certificates._keep

    def fails(certificate, *rest):
        if certificate.person == people[1]:
            raise ValueError("cannot be made")
        return kept(certificate, *rest)

    monkeypatch.setattr(certificates, "_keep", fails)
    while worker.round():
        pass
    batch.refresh_from_db()
    assert (batch.done, batch.refused) == (4, [[people[1].code, "failed"]])
    assert sorted(Certificate.objects.values_list("number", flat=True)) == [
        f"V-2027-{n:04d}" for n in (1, 2, 3)
    ]


def test_a_worker_that_stops_gives_its_batch_back(elia, ange):
    session = certified.held(elia, [(ange, 95)])
    batch_of(session, [ange])
    certificates.claim("one")
    assert certificates.claim("two") is None
    Certifier("one").close()
    assert certificates.claim("two") is not None


def test_nobody_and_too_many_and_a_wrong_kind_are_refused(elia, ange, monkeypatch):
    session = certified.held(elia, [(ange, 95)])
    monkeypatch.setattr(certificates, "MOST", 0)
    for people, kind, code in (
        ([], Certified.ATTESTATO, "certify_nobody"),
        ([ange], Certified.ATTESTATO, "certify_too_many"),
    ):
        with pytest.raises(Refused) as refused:
            batch_of(session, people, kind)
        assert refused.value.code == code
    monkeypatch.undo()
    with pytest.raises(Refused) as refused:
        batch_of(session, [ange], "diploma")
    assert refused.value.code == "kind_of_session"
    assert not CertificateBatch.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_who_issue_at_once_take_numbers_one_after_the_other(elia):
    people = certified.crowd(8)
    sessions = [
        certified.held(elia, [(person, 95) for person in people], certified.DAY + timedelta(days=day))
        for day in range(2)
    ]
    faults: list[BaseException] = []

    def issues(session):
        try:
            with as_if(AFTER):
                for person in people:
                    issue(session, person)
        except BaseException as fault:
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=issues, args=[session]) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not faults
    numbers = sorted(Certificate.objects.values_list("number", flat=True))
    assert numbers == [f"V-2027-{n:04d}" for n in range(1, 17)]


def test_a_confidential_session_is_not_named(elia, ange):
    session = certified.held(elia, [(ange, 95)], is_confidential=True)
    assert not any(issue(session, ange).facts["title"].values())


def test_of_the_difficult_session_whoever_was_there_long_enough_may_have_one():
    made = difficult()
    certified.seal(made.session, made.people["elia"])
    basis = grounds.of_session(made.session, Certified.BILINGUAL)
    why = {made_of.name: made_of.why for made_of in basis.candidates}
    for key, (morning, afternoon) in MINUTES.items():
        person, share = made.people[key], (morning + afternoon) * 100 // 360
        if person.role == Role.PARTICIPANT:
            expected = "" if share >= 80 else "below_threshold" if share else "not_present"
            assert (key, why[person.name]) == (key, expected)
    assert made.people["ombra"].name not in why
