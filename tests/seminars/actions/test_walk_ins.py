"""Walk-ins: who signs in the room uninvited is flagged, and a host decides; nothing ever leaves the ledger."""

import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection

from seminars.actions import letters, sessions, signing, strangers, walk_ins
from seminars.errors import Refused
from seminars.evidence import chain
from seminars.exchange.address import Address
from seminars.models import Invitation, Letter, Person, PresenceEvent, Session, WalkIn
from seminars.moments import as_if
from seminars.queries import walk_ins as queries
from seminars.queries.sheets import sheet
from seminars.vocabulary import LetterKind, Mode, PresenceKind, Source, State
from tests import cast
from tests.course import Course, refusal

pytestmark = pytest.mark.django_db


@pytest.fixture
def course(elia, ange, bruna):
    found = Course(elia)
    cast.invite(found.session, ange, bruna)
    found.open()
    return found


def walks_in(course, hour=9, minute=40, name="Nova Venuta", **more):
    with as_if(course.at(hour, minute)):
        return walk_ins.walk_in(session=course.session, name=name, key=more.pop("key", uuid.uuid4()), **more)


def decide(act, course, person, hour=11, **more):
    with as_if(course.at(hour)):
        row = WalkIn.objects.select_related("person", "session").get(session=course.session, person=person)
        return act(walk_in=row, by=course.by, **more)


def test_somebody_new_signs_the_present_half_day_and_is_flagged(course):
    person = walks_in(course, organisation=" Amici  del Monviso ", country="IT", language="it")
    row = WalkIn.objects.get()
    assert (row.person, row.organisation, row.is_confirmed) == (person, "Amici del Monviso", None)
    assert (person.name, person.country, person.language) == ("Nova Venuta", "IT", "it")
    assert person.email == f"{person.code}@walk-in.invalid"
    event = PresenceEvent.objects.get(person=person)
    assert event.data == {"as": "participant", "mode": "room", "by": "walk_in"}
    assert (event.slot.number, event.author) == (1, person)
    assert not person.has_usable_password()


def test_sending_the_same_form_twice_makes_one_person_and_one_signature(course):
    key = uuid.uuid4()
    assert walks_in(course, key=key) == walks_in(course, key=key)
    assert (WalkIn.objects.count(), PresenceEvent.objects.filter(kind="signed").count()) == (1, 1)


def test_the_key_of_another_line_of_the_ledger_gives_nobodys_place(course, ange):
    hers = course.sign(ange, 9, 40)
    person = walks_in(course, key=hers.pk)
    assert person != ange
    assert PresenceEvent.objects.filter(kind="signed").count() == 2


def test_an_address_that_is_only_typed_is_nobodys_and_the_host_reads_it(course, ange):
    for typed in (ange.email.upper(), "New@example.org"):
        person = walks_in(course, email=typed)
        assert person.email == f"{person.code}@walk-in.invalid"
        assert WalkIn.objects.get(person=person).email == typed.lower()
    (found,) = strangers.meet([Address(1, "new@example.org", "Directrice Vraie")], country="FR").values()
    assert (found.name, found.email) == ("Directrice Vraie", "new@example.org")
    assert not WalkIn.objects.filter(person=found).exists()


def test_who_reads_the_ledger_knows_nothing_of_the_form(course):
    key = uuid.uuid4()
    person = walks_in(course, key=key)
    line = PresenceEvent.objects.get(kind="signed")
    assert line.pk != key
    assert walks_in(course, key=line.pk, name="Altra") != person
    assert refusal(walks_in, course, key=key, is_her_form=False) == "form_sent"


@pytest.mark.parametrize("name", ["", "  ", "123", "…"])
def test_a_walk_in_has_a_name(course, name):
    assert refusal(walks_in, course, name=name) == "name_missing"
    assert not WalkIn.objects.exists()


def test_nobody_walks_into_a_video_or_outside_the_window(elia, course):
    online = Course(elia, Mode.ONLINE)
    online.open()
    assert refusal(walks_in, online) == "not_on_site"
    assert refusal(walks_in, course, 13, 20) == "nothing_open"


def test_so_many_may_wait_for_a_decision(course, monkeypatch):
    monkeypatch.setattr(walk_ins, "MOST_OPEN", 2)
    walks_in(course)
    walks_in(course, name="Altra")
    assert refusal(walks_in, course, name="Terza") == "walk_ins_full"


def test_a_walk_in_signs_the_afternoon_as_anybody(course):
    person = walks_in(course)
    assert course.sign(person, 14, slot=2, by="code").slot.number == 2
    assert refusal(course.sign, person, 10, slot=1) == "signed_already"


def test_somebody_known_walks_in_under_her_own_name(course, stranger, ange):
    with as_if(course.at(10)):
        walk_ins.walk_in_known(session=course.session, person=stranger)
    assert WalkIn.objects.get().person == stranger
    with as_if(course.at(10, 1)):
        for person in (stranger, ange):
            with pytest.raises(Refused) as refused:
                walk_ins.walk_in_known(session=course.session, person=person)
            assert refused.value.code == "on_list"


def test_a_host_confirms_once(course):
    person = walks_in(course)
    decide(walk_ins.confirm, course, person)
    row = WalkIn.objects.get()
    assert (row.is_confirmed, row.decided_by, row.decided_at) == (True, course.by, course.at(11))
    assert refusal(decide, walk_ins.refuse, course, person) == "walk_in_decided"


def test_a_refusal_is_a_correction_and_the_signature_stays_in_the_ledger(course):
    person = walks_in(course, email="new@example.org")
    decide(walk_ins.refuse, course, person)
    assert WalkIn.objects.get().email == ""
    events = list(PresenceEvent.objects.filter(person=person).order_by("seq"))
    assert [event.kind for event in events] == [PresenceKind.SIGNED, PresenceKind.CORRECTED]
    assert events[1].data == {"withdrawn_walk_in": True}
    assert events[1].reason and events[1].author == course.by
    person.refresh_from_db()
    assert (person.is_active, person.email) == (False, f"{person.code}@walk-in.invalid")
    assert refusal(course.sign, person, 14, slot=2) == "not_on_list"


def test_who_was_known_before_stays_known_after_a_refusal(course, stranger):
    with as_if(course.at(10)):
        walk_ins.walk_in_known(session=course.session, person=stranger)
    decide(walk_ins.refuse, course, stranger)
    stranger.refresh_from_db()
    assert (stranger.is_active, stranger.email) == (True, "stranger@example.org")


def test_a_merge_declares_her_half_days_for_the_invited_person_with_their_times(course, ange):
    person = walks_in(course, 10, 0, name="A. Esquisse")
    course.move(signing.check_out, person, 12)
    course.sign(person, 13, 50, slot=2, by="code")
    assert decide(walk_ins.merge, course, person, 15, onto=ange) == 2
    morning, afternoon = PresenceEvent.objects.filter(person=ange).order_by("seq")
    assert (morning.kind, morning.source, morning.author) == (
        PresenceKind.DECLARED,
        Source.TRAINER,
        course.by,
    )
    stay = {"from": chain.stamp(course.at(10)), "to": chain.stamp(course.at(12))}
    assert morning.data == {"signature": True, "mode": "room"} | stay
    assert afternoon.data == {"signature": True, "mode": "room"}
    assert morning.reason
    last = PresenceEvent.objects.filter(person=person).order_by("seq").last()
    assert last.data == {"withdrawn_walk_in": True}
    assert WalkIn.objects.get().is_confirmed is False


def test_a_merge_leaves_alone_what_she_signed_herself(course, ange):
    course.sign(ange, 9, 35)
    person = walks_in(course)
    assert decide(walk_ins.merge, course, person, onto=ange) == 0
    assert PresenceEvent.objects.filter(person=ange).count() == 1


def test_a_merge_is_onto_somebody_invited_only(course, stranger, ange):
    person = walks_in(course)
    assert refusal(decide, walk_ins.merge, course, person, onto=stranger) == "not_invited_here"
    Invitation.objects.filter(person=ange).update(withdrawn_at=course.at(9))
    assert refusal(decide, walk_ins.merge, course, person, onto=ange) == "not_invited_here"
    assert WalkIn.objects.get().decided_at is None


def test_nothing_is_decided_once_the_sheet_is_sealed(course, monkeypatch):
    person = walks_in(course)
    monkeypatch.setattr("seminars.queries.signing.is_sealed", lambda session: True)
    for act in (walk_ins.confirm, walk_ins.refuse):
        assert refusal(decide, act, course, person) == "sheet_sealed"


def test_no_name_is_in_what_the_chain_holds(course, ange):
    person = walks_in(course, organisation="Amici", email="new@example.org")
    decide(walk_ins.merge, course, person, onto=ange)
    for event in PresenceEvent.objects.all():
        told = f"{event.data}{event.reason}"
        assert not any(word in told for word in ("Nova", "Venuta", "Esquisse", "Amici", "example.org"))


def test_a_host_is_told_of_whom_the_name_is_like(course, ange):
    walks_in(course, name="esquisse, ange".replace(",", ""))
    walks_in(course, name="Nova Venuta")
    walks_in(course, name="Somebody", email=ange.email)
    first, second, third = queries.all_of(course.session)
    assert (first.alike, second.alike, third.alike) == ((ange,), (), (ange,))
    assert [number for number, _at in first.hours] == [1]


def test_who_walks_in_twice_is_made_one_by_the_host(course):
    one = walks_in(course)
    two = walks_in(course, 14, 5, name="venuta nova")
    other = walks_in(course, 14, 6, name="Altra")
    assert [row.twins for row in queries.all_of(course.session)] == [(two,), (one,), ()]
    assert decide(walk_ins.merge, course, two, 15, onto=one) == 1
    decide(walk_ins.confirm, course, one, 15)
    decide(walk_ins.refuse, course, other, 15)
    course.close()
    with as_if(course.at(18)):
        whole = sheet(course.session)
    rows = {row.person.pk: row for row in whole.rows}
    assert [part.signature is not None for part in rows[one.pk].parts] == [True, True]
    assert two.pk not in rows


def test_a_walk_in_is_not_merged_onto_herself_nor_onto_one_who_was_not_there(course):
    one, two = walks_in(course), walks_in(course, name="Altra")
    assert refusal(decide, walk_ins.merge, course, one, onto=one) == "not_invited_here"
    decide(walk_ins.refuse, course, two)
    assert refusal(decide, walk_ins.merge, course, one, onto=two) == "not_invited_here"
    assert WalkIn.objects.get(person=one).decided_at is None


def test_many_are_refused_at_once_and_the_decided_stay(course):
    people = [walks_in(course, name=f"Nova {letter}") for letter in "ABC"]
    decide(walk_ins.confirm, course, people[0])
    with as_if(course.at(11)):
        codes = [person.code for person in people]
        assert walk_ins.refuse_all(session=course.session, by=course.by, people=codes) == 2
    states = WalkIn.objects.order_by("pk").values_list("is_confirmed", flat=True)
    assert list(states) == [True, False, False]
    reasons = PresenceEvent.objects.filter(kind="corrected").values_list("reason", flat=True)
    assert set(reasons) <= set(walk_ins.OWN_REASONS)


def test_who_was_invited_once_is_shown_as_such(course, ange):
    Invitation.objects.filter(person=ange).update(withdrawn_at=course.at(9))
    with as_if(course.at(10)):
        walk_ins.walk_in_known(session=course.session, person=ange)
    assert [row.was_invited for row in queries.all_of(course.session)] == [True]


def test_a_session_moves_no_more_once_somebody_has_signed(elia, course):
    fresh = Course(elia)
    Session.objects.filter(pk=fresh.session.pk).update(state=State.SCHEDULED)
    slots = [(fresh.wall(9, 30), fresh.wall(11))]
    sessions.move(session=fresh.session, by=elia, slots=slots)
    with as_if(fresh.at(9, 40)):
        walk_ins.walk_in(session=fresh.session, name="Nova Venuta", key=uuid.uuid4())
    assert refusal(
        sessions.move, session=fresh.session, by=elia, slots=[(fresh.wall(15), fresh.wall(16))]
    ) == ("signed_already_move")


def test_no_letter_goes_to_who_gave_no_address(course, ange):
    person = walks_in(course)
    for each in (person, ange):
        Invitation.objects.get_or_create(
            session=course.session, person=each, defaults={"invited_at": course.at(9)}
        )
    rows = course.session.invitations.filter(person__in=[person, ange])
    Letter.objects.all().delete()
    letters.post_all(kind=LetterKind.UPDATE, invitations=rows, revision=letters.freeze(course.session))
    assert [letter.person for letter in Letter.objects.all()] == [ange]


@pytest.mark.django_db(transaction=True)
def test_two_posts_of_one_form_at_once_make_one_walk_in(elia):
    course = Course(elia)
    course.open()
    key, ready, found = uuid.uuid4(), threading.Barrier(3), []

    def press():
        try:
            ready.wait(10)
            found.append(walks_in(course, key=key, email="new@example.org").pk)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 3 and len(set(found)) == 1
    assert (WalkIn.objects.count(), Person.objects.filter(email__endswith=".invalid").count()) == (1, 1)
    assert PresenceEvent.objects.count() == 1


def test_the_clock_of_a_walk_in_is_that_of_the_signature(course):
    walks_in(course, 9, 50)
    assert WalkIn.objects.get().at == PresenceEvent.objects.get(kind="signed").at == course.at(9, 50)
    assert course.at(9, 50) - course.at(9, 20) == timedelta(minutes=30)


def test_the_sheet_counts_the_invited_person_and_lists_the_walk_in_apart(course, ange):
    person = walks_in(course, 10, 0, name="A. Esquisse")
    course.move(signing.check_out, person, 12)
    decide(walk_ins.merge, course, person, 15, onto=ange)
    course.close()
    with as_if(course.at(18)):
        whole = sheet(course.session)
    rows = {row.person.pk: row for row in whole.rows}
    assert (rows[ange.pk].minutes, rows[ange.pk].parts[0].signature.is_declared) == (120, True)
    assert person.pk not in rows
    assert [row.person for row in whole.withdrawn] == [person]
