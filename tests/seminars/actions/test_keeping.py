"""A sealed session is condensed after its months, keeps its evidence as long as a rule asks, and then names nobody."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import DatabaseError, transaction

from seminars.actions import correcting, keeping, sealing
from seminars.errors import Refused
from seminars.models import (
    Invitation,
    Lease,
    Letter,
    Presence,
    PresenceEvent,
    SealedSheet,
    Session,
    TeamMember,
)
from seminars.moments import as_if
from seminars.queries import retention, sealed
from seminars.vocabulary import Profile
from tests.guarded import tampering
from tests.keepsakes import explain, scatter, sealed_difficult, sealing_at

pytestmark = pytest.mark.django_db
LATER = datetime(2027, 5, 1, 12, tzinfo=UTC)
"""More than thirteen months after."""


@pytest.fixture
def made(tmp_path, settings):
    sealing_at(tmp_path, settings)
    return sealed_difficult()


def refusal(act, **given):
    with pytest.raises(Refused) as refused:
        act(**given)
    return refused.value.code


def minutes(session):
    return [(row.person.name, row.minutes) for row in sealed.sheet_of(session).rows]


def test_condensing_takes_the_events_and_leaves_the_sheet(made):
    session, before = made[0].session, minutes(made[0].session)
    count = PresenceEvent.objects.count()
    assert count > 50
    with as_if(LATER):
        assert keeping.condense_due() == {"events": count, "condensed": 1}
    session.refresh_from_db()
    assert session.condensed_at == LATER
    assert not PresenceEvent.objects.filter(session=session).exists()
    assert not Lease.objects.filter(session=session).exists()
    assert not Presence.objects.filter(session=session).exists()
    assert minutes(session) == before
    assert (made[1].count, made[1].head) == (count, sealed.latest(session).head)


def test_a_second_run_finds_nothing_to_do(made):
    with as_if(LATER):
        keeping.condense_due()
        assert keeping.condense_due() == {}
        assert keeping.condense(session=made[0].session) == 0


def test_nothing_is_condensed_before_its_month(made):
    with as_if(datetime(2027, 4, 11, 12, tzinfo=UTC)):
        assert keeping.condense_due() == {}
    with as_if(datetime(2027, 4, 13, 12, tzinfo=UTC)):
        assert keeping.condense_due()["condensed"] == 1


def test_zero_months_and_a_profile_that_needs_its_logs_keep_all_events(made, settings):
    settings.RETENTION_LOGS = ["eu_interreg"]
    with as_if(LATER):
        assert keeping.condense_due() == {}
    settings.RETENTION_LOGS, settings.LEDGER_MONTHS = [], 0
    with as_if(LATER):
        assert keeping.condense_due() == {}


def test_what_has_changed_since_the_seal_waits_for_a_new_one(made):
    session, people = made[0].session, made[0].people
    with as_if(LATER - timedelta(days=2)):
        correcting.void_signature(
            session=session, by=people["elia"], person=people["ange"], slot_number=1, reason="Not hers"
        )
    with as_if(LATER):
        assert keeping.condense_due() == {"waiting": 1}
        assert PresenceEvent.objects.filter(session=session).exists()
        explain(session, people["elia"])
        sealing.seal(session=session, by=people["elia"], reason="A signature was not hers")
        assert keeping.condense_due()["condensed"] == 1


def test_nothing_goes_by_a_seal_that_does_not_verify(made):
    session = made[0].session
    count = PresenceEvent.objects.count()
    with tampering():
        PresenceEvent.objects.filter(session=session, seq=3).update(reason="changed")
    assert refusal(keeping.condense, session=session) == "seal_broken"
    with tampering():
        PresenceEvent.objects.filter(session=session, seq=3).update(reason="")
        SealedSheet.objects.update(signature="A" * 86 + "==")
    assert refusal(keeping.condense, session=session) == "seal_broken"
    session.refresh_from_db()
    assert session.condensed_at is None
    assert PresenceEvent.objects.count() == count


def test_a_key_that_is_not_ours_seals_nothing(made, settings):
    settings.SEAL_KEY = "/" * 43 + "="
    assert refusal(keeping.condense, session=made[0].session) == "seal_broken"


def test_a_session_that_is_not_sealed_is_not_condensed(made):
    with tampering():
        SealedSheet.objects.all().delete()
    assert refusal(keeping.condense, session=made[0].session) == "not_sealed"


def test_the_database_lets_no_event_go_by_itself(made):
    with pytest.raises(DatabaseError), transaction.atomic():
        PresenceEvent.objects.filter(session=made[0].session).delete()


def paid(day, by):
    with as_if(datetime(2028, 6, 30, tzinfo=UTC)):
        keeping.note_payment(project="", paid_on=day, by=by)


def kept(session):
    return retention.kept(session, retention.payments())


def test_the_longest_profile_wins_and_waits_for_the_last_payment(made):
    session, by = made[0].session, made[0].people["camille"]
    assert (kept(session).until, kept(session).waits) == (None, True)
    paid(date(2028, 3, 1), by)
    assert kept(session).until == date(2033, 12, 31)
    session.retention = ["training_fr"]
    assert kept(session).until == date(2031, 12, 31)
    session.retention = ["training_fr", "state_aid", "public"]
    assert kept(session).until == date(2038, 12, 31)
    session.retention = ["public"]
    assert kept(session).until == date(2026, 3, 19)


def test_a_sealed_session_may_be_kept_longer_and_never_shorter(made):
    session, by = made[0].session, made[0].people["camille"]
    shorter = refusal(keeping.choose_profiles, session=session, by=by, profiles=["training_fr"])
    assert shorter == "retention_sealed"
    assert refusal(keeping.choose_profiles, session=session, by=by, profiles=["nonsense"]) == "no_profile"
    more = ["state_aid", "eu_interreg", "training_fr"]
    keeping.choose_profiles(session=session, by=by, profiles=more)
    session.refresh_from_db()
    assert session.retention == [Profile.TRAINING_FR, Profile.EU_INTERREG, Profile.STATE_AID]


def test_a_payment_to_come_is_no_payment(made):
    with as_if(datetime(2028, 6, 30, tzinfo=UTC)):
        code = refusal(
            keeping.note_payment, project="", paid_on=date(2028, 7, 1), by=made[0].people["camille"]
        )
    assert code == "paid_to_come"


def test_after_its_time_a_session_names_nobody_and_its_totals_stay(made):
    session, people = made[0].session, made[0].people
    scatter(session, people["ange"], people["elia"])
    totals = [(row.minutes, row.percent) for row in sealed.sheet_of(session).rows]
    paid(date(2028, 3, 1), people["camille"])
    with as_if(datetime(2033, 12, 31, 12, tzinfo=UTC)):
        assert "released" not in keeping.release_due()
    with as_if(datetime(2034, 1, 1, 12, tzinfo=UTC)):
        counts = keeping.release_due()
        assert keeping.release_due() == {}
    assert counts["released"] == 1
    assert counts["invitation"] >= 9
    session.refresh_from_db()
    for model in (Invitation, Letter, TeamMember):
        assert not model.objects.filter(session=session).exists()
    assert not PresenceEvent.objects.filter(session=session, person__isnull=False).exists()
    assert (session.roster, session.created_by, session.sealed.get().people) == ({}, None, {})
    assert [(row.minutes, row.percent) for row in sealed.sheet_of(session).rows] == totals
    assert {row.person.code for row in sealed.sheet_of(session).rows} == {""}
    certificate = session.certificates.get()
    assert (certificate.facts, certificate.person, certificate.number) == ({}, None, f"N-{people['ange'].pk}")


def test_what_is_not_paid_for_is_kept_for_ever(made):
    with as_if(datetime(2099, 1, 1, tzinfo=UTC)):
        assert keeping.release_due() == {}


def test_each_relation_of_a_session_goes_loses_its_people_or_names_nobody():
    found = {relation.name: relation.related_model for relation in Session._meta.related_objects}
    named = {*keeping.GOING, *keeping.LOSING}
    left = {name for name, model in found.items() if model not in named}
    assert left == set(keeping.STAYING)


@pytest.mark.parametrize(
    ("moment", "months", "before"),
    [
        ((2027, 3, 31), 1, (2027, 2, 28)),
        ((2028, 3, 30), 1, (2028, 2, 29)),
        ((2027, 4, 12), 13, (2026, 3, 12)),
        ((2027, 1, 5), 13, (2025, 12, 5)),
        ((2027, 12, 1), 12, (2026, 12, 1)),
    ],
)
def test_months_are_those_of_the_calendar(moment, months, before):
    found = retention.months_before(datetime(*moment, tzinfo=UTC), months)
    assert found == datetime(*before, tzinfo=UTC)
