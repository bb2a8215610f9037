"""The command against plain SQL with all guards up: what law may take, taken by hand, is found and named."""

from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from seminars.actions import certificates, correcting, keeping
from seminars.errors import Refused
from seminars.evidence import chain, guards, seals
from seminars.models import Certificate, ErasureRequest, Person, PresenceEvent, Scan, SealedSheet, Session
from seminars.moments import as_if, now
from seminars.queries import certified, sealed, verdicts
from seminars.vocabulary import Certified, Kind
from tests.certified import seal
from tests.difficult import hour
from tests.guarded import tampering
from tests.keepsakes import sealed_difficult, sealing_at

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    sealing_at(tmp_path, settings)


@pytest.fixture
def made():
    return sealed_difficult()[0]


@pytest.fixture
def sheet(made):
    return SealedSheet.objects.get(session=made.session)


def run(*words) -> tuple[int, str]:
    """The exit code, and what was said last."""
    out = StringIO()
    code = 0
    try:
        call_command("verify_attendance", *map(str, words), stdout=out)
    except SystemExit as ended:
        code = int(ended.code or 0)
    return code, out.getvalue().strip().splitlines()[-1]


def said(why: str) -> bool:
    code, words = run()
    return code == 1 and why in words


def correct(made, name="ange"):
    correcting.replace_times(
        session=made.session,
        person=made.people[name],
        by=made.people["elia"],
        slot_number=1,
        times=[],
        reason="Was not there",
    )


def issue(made, name="ange", kind=Certified.BILINGUAL):
    return certificates.issue(
        by=made.people["elia"], person=made.people[name], kind=kind, session=made.session
    )


def test_presence_taken_by_leaving_out_the_person_is_named(made):
    assert run()[0] == 0
    PresenceEvent.objects.filter(person=made.people["ange"]).update(person=None)
    assert said("names nobody, and stands for somebody who is known")


def test_an_author_left_out_is_named(made):
    PresenceEvent.objects.filter(author=made.people["elia"]).update(author=None)
    assert said("names nobody, and stands for somebody who is known")


def test_a_person_who_lost_her_salt_is_named(made):
    Person.objects.filter(pk=made.people["ange"].pk).update(salt="")
    assert said("lost what ties her to it")


def test_a_name_taken_from_a_sealed_sheet_is_named(made, sheet):
    people = {key: one for key, one in sheet.people.items() if one["code"] != made.people["ange"].code}
    SealedSheet.objects.filter(pk=sheet.pk).update(people=people)
    assert said("version 1: leaves out somebody who is known")
    assert verdicts.by_code(sheet.code).verdict == "differs"


def test_names_that_retention_has_released_are_no_fault(made, sheet):
    Session.objects.filter(pk=made.session.pk).update(retention=["public"])
    with as_if(hour(12) + timedelta(days=400)):
        keeping.release(session=made.session)
        assert SealedSheet.objects.get(pk=sheet.pk).people == {}
        assert run()[0] == 0
        assert verdicts.by_code(sheet.code).verdict == "matches"


def test_events_condensed_by_hand_are_named(made, settings):
    settings.RETENTION_LOGS = []
    with as_if(hour(19)):
        correct(made)
    Session.objects.filter(pk=made.session.pk).update(condensed_at=hour(20))
    PresenceEvent.objects.filter(session=made.session).delete()
    assert said("condensed by hand: its events were to be kept longer")
    assert verdicts.by_code(SealedSheet.objects.get(session=made.session).code).why == "ledger"
    Session.objects.filter(pk=made.session.pk).update(condensed_at=hour(20) + timedelta(days=600))
    assert said("condensed by hand: nothing signs it")
    settings.RETENTION_LOGS = list(made.session.retention)
    assert said("condensed by hand: a profile keeps its events")


def test_a_condensing_is_signed_for_its_own_session_and_hour(made, sheet):
    keeping.condense(session=made.session)
    session = Session.objects.get(pk=made.session.pk)
    assert run()[0] == 0
    told = {"session": session.uid, "version": 1, "count": sheet.count, "head": sheet.head}
    at = chain.stamp(session.condensed_at)
    assert seals.is_condensing(session.condensed_seal, **told, at=at)
    assert not seals.is_condensing(session.condensed_seal, **(told | {"count": 1}), at=at)
    Session.objects.filter(pk=session.pk).update(condensed_at=now() - timedelta(days=1))
    assert said("condensed by hand")
    Session.objects.filter(pk=session.pk).update(condensed_at=None)
    assert said("events were sealed, 0 are there")


def test_a_scanned_page_that_was_changed_or_taken_is_named(made):
    Scan.objects.update(content=b"%PDF another")
    assert said("is not what was scanned")
    Scan.objects.all().delete()
    assert said("quotes a scanned page that is not there")


def test_a_certificate_written_anew_is_named(made):
    done = issue(made)
    assert run() == (0, "1 certificates hold")
    facts = done.facts | {"minutes": 9999}
    with tampering():
        Certificate.objects.filter(pk=done.pk).update(facts=facts, digest=seals.digest(facts))
    assert said(f"certificate {done.number}/1: the signature does not fit")
    assert verdicts.by_code(done.code).verdict == "differs"


def test_a_certificate_that_is_gone_leaves_a_gap(made):
    done = issue(made)
    issue(made, "bruna")
    with tampering():
        Certificate.objects.get(pk=done.pk).delete()
    assert said(f"certificate {done.number} is missing")


def test_a_certificate_emptied_by_hand_is_named_and_an_erased_one_is_not(made):
    done = issue(made)
    Certificate.objects.filter(pk=done.pk).update(facts={})
    assert said("its facts or its person were taken out")
    Certificate.objects.filter(pk=done.pk).update(person=None)
    assert said("its facts or its person were taken out")
    ErasureRequest.objects.create(asked_at=now(), erased_at=now())
    assert run()[0] == 0


def test_a_certificate_that_cites_another_sheet_is_named(made):
    issue(made).sheets.clear()
    assert said("cites other sheets")


def test_a_guard_that_is_not_up_is_named(made):
    with connection.cursor() as cursor:
        for statement in guards.removed(connection.vendor)[:1]:
            cursor.execute(statement)
    code, words = run()
    assert (code, words.startswith("database 0: the guard seminars_presenceevent_")) == (1, True)
    guards.put_up(connection)
    assert run()[0] == 0


def test_a_lost_key_is_not_replaced_in_silence(settings, tmp_path):
    settings.SEAL_KEY, settings.SEAL_KEY_PLACE = "", tmp_path / "key"
    made, first = sealed_difficult()
    settings.SEAL_KEY_PLACE.unlink()
    with as_if(hour(19)):
        correct(made)
        with pytest.raises(Refused) as no:
            seal(made.session, made.people["elia"], reason="Was not there")
    assert no.value.code == "no_seal_key"
    assert not settings.SEAL_KEY_PLACE.exists()
    settings.SEAL_OLD_KEYS = [first.public_key]
    with as_if(hour(19)):
        second = seal(made.session, made.people["elia"], reason="Was not there")
    assert second.public_key != first.public_key
    assert run()[0] == 0


def test_a_sheet_that_has_changed_gives_no_certificate_until_it_is_sealed_again(made):
    done = issue(made, "bruna")
    with as_if(hour(19)):
        correct(made, "karim")
        with pytest.raises(Refused) as no:
            issue(made)
        assert no.value.code == "sheet_changed"
        seal(made.session, made.people["elia"], reason="Karim was not there")
        assert issue(made).facts["sheets"][0]["version"] == 2
    assert certified.outdated(Certificate.objects.all()) == {done.pk}


def test_the_french_certificate_is_for_training_only(made):
    Session.objects.filter(pk=made.session.pk).update(kind=Kind.PUBLIC_EVENT)
    made.session.refresh_from_db()
    with as_if(hour(19)):
        correct(made, "karim")
        seal(made.session, made.people["elia"], reason="Karim was not there")
    with pytest.raises(Refused) as no:
        issue(made, kind=Certified.REALISATION)
    assert no.value.code == "not_training"
    assert issue(made).number


def test_numbers_of_two_projects_do_not_run_into_one_another(made, settings):
    with as_if(hour(19)):
        settings.PROJECT = settings.PROJECT | {"code": "A-2026"}
        assert issue(made).number == "A-2026-2026-0001"
        settings.PROJECT = settings.PROJECT | {"code": "A"}
        assert issue(made, "bruna").number == "A-2026-0001"
        assert run()[0] == 0


def test_two_of_one_name_stay_two(made):
    ange, camille = made.people["ange"], made.people["camille"]
    Person.objects.filter(pk=camille.pk).update(name=ange.name)
    with as_if(hour(19)):
        for by, number in ((ange, 1), (camille, 2)):
            correcting.replace_times(
                session=made.session,
                person=made.people["karim"],
                by=by,
                slot_number=number,
                times=[],
                reason="Was not there",
            )
        second = seal(made.session, made.people["elia"], reason="Karim was not there")
    said = {second.people[by]["code"] for by, why in second.content["declarations"] if why == "Was not there"}
    assert said == {ange.code, camille.code}


def test_a_sealed_sheet_tells_its_own_numbers_and_no_path(made, settings, tmp_path):
    picture = tmp_path / "emblem.svg"
    picture.write_text("<svg/>")
    settings.PROJECT = settings.PROJECT | {"emblem": str(picture)}
    with as_if(hour(19)):
        correct(made, "karim")
        second = seal(made.session, made.people["elia"], reason="Karim was not there")
    assert str(tmp_path) not in chain.canonical(second.content).decode()
    assert second.content["about"]["project"]["emblem"].startswith("sha256:")
    late = settings.REPLAY_LATE_MINUTES
    settings.REPLAY_LATE_MINUTES = late + 5
    Person.objects.filter(pk=made.people["elia"].pk).update(name="Elia Married")
    assert sealed.rule(sealed.as_sheet(second), "replay_late_minutes") == late
    assert sealed.sealer(second) == "Elia Prova"
