"""The trainer's hand: what she declares, excuses, corrects and explains, and what she may not."""

import uuid
from datetime import timedelta

import pytest

from seminars.actions import attendance, correcting, declaring, explaining, sessions
from seminars.errors import Refused
from seminars.models import PresenceEvent, Session
from seminars.moments import as_if, now
from seminars.queries.sheets import sheet
from seminars.vocabulary import PresenceKind, Source, State, Where
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia, ange, bruna, cyrille, clock):
    """Ninety minutes, over since ten: Ange was there for the first half, Bruna and Cyrille never came."""
    found = cast.make_session(elia)
    cast.invite(found, ange, bruna, cyrille)
    line = uuid.uuid4()
    with as_if(found.starts_at):
        found = sessions.open_(session=found, by=elia)
        attendance.arrive(session=found, person=ange, connection=line, event=uuid.uuid4())
    for minute in range(1, 46):
        with as_if(found.starts_at + timedelta(minutes=minute)):
            attendance.beat(session=found, person=ange, connection=line)
    with as_if(found.starts_at + timedelta(minutes=45)):
        attendance.leave(session=found, person=ange, connection=line, event=uuid.uuid4())
    with as_if(found.ends_at):
        found = sessions.close(session=found, by=elia)
    clock.at(found.ends_at + timedelta(minutes=10))
    return found


def at(session, minute):
    return session.starts_at + timedelta(minutes=minute)


def part(session, person):
    whole = sheet(Session.objects.get(pk=session.pk))
    return next(row for row in whole.rows if row.person == person).parts[0]


def minutes(session, by, person, first, last, reason="She followed by telephone"):
    declaring.declare_minutes(
        session=session,
        person=person,
        by=by,
        slot_number=1,
        start=at(session, first),
        end=at(session, last),
        reason=reason,
    )


def test_declared_minutes_count_and_name_who_declared_them_and_why(session, elia, bruna):
    minutes(session, elia, bruna, 10, 40)
    assert (part(session, bruna).minutes, part(session, bruna).declared) == (30, 30)
    event = PresenceEvent.objects.filter(session=session).order_by("seq").last()
    assert (event.kind, event.source, event.author) == (PresenceKind.DECLARED, Source.TRAINER, elia)
    assert ("Elia Prova", "She followed by telephone") in sheet(session).declarations


def test_declared_minutes_beyond_the_half_day_are_cut_at_its_end(session, elia, bruna, clock):
    clock.forward(minutes=60)
    minutes(session, elia, bruna, 80, 110)
    assert part(session, bruna).minutes == 10


def test_hours_that_reach_into_another_half_day_are_refused(session, elia, bruna, clock):
    clock.forward(minutes=60)
    minutes(session, elia, bruna, -15, 120)
    with pytest.raises(Refused, match="times_outside"):
        minutes(session, elia, bruna, 10, 121)


def test_no_hand_writes_a_name_that_could_never_be_erased(session, elia, ange, bruna):
    """Of anybody on the sheet, the trainer included; a first name alone says nobody."""
    said = {"reason": "Bruna Schizzo was ill"}
    hand = {"session": session, "person": ange, "by": elia, "slot_number": 1}
    acts = [
        lambda: correcting.replace_times(**hand, times=[], **said),
        lambda: declaring.declare_signature(**hand, mode=Where.ROOM, **said),
        lambda: declaring.note_incident(session=session, by=elia, incident="Elia Prova’s server fell"),
        lambda: explaining.explain(session=session, by=elia, reasons={"absent-1": said["reason"]}),
    ]
    for act in acts:
        with pytest.raises(Refused, match="reason_names"):
            act()
    assert not session.explanations.exists()
    correcting.replace_times(**hand, times=[], reason="Bruna says that this was a mistake")


@pytest.mark.parametrize(
    ("first", "last", "reason", "code"),
    [
        (40, 10, "why", "times_reversed"),
        (10, 10, "why", "times_reversed"),
        (50, 300, "why", "times_to_come"),
        (-60, -30, "why", "times_outside"),
        (-16, 30, "why", "times_outside"),
        (10, 40, "Then ESQUISSE  Ange telephoned", "reason_names"),
        (10, 40, "  ", "reason_missing"),
        (10, 40, "x" * 301, "reason_long"),
    ],
)
def test_minutes_that_cannot_be_or_have_no_reason_are_refused(
    session, elia, bruna, first, last, reason, code
):
    count = PresenceEvent.objects.count()
    with pytest.raises(Refused) as refused:
        minutes(session, elia, bruna, first, last, reason)
    assert refused.value.code == code
    assert PresenceEvent.objects.count() == count


def test_nothing_is_declared_in_advance(elia, ange):
    coming = cast.make_session(elia)
    cast.invite(coming, ange)
    with pytest.raises(Refused, match="half_day_to_come"):
        declaring.declare_signature(
            session=coming, person=ange, by=elia, slot_number=1, mode=Where.ROOM, reason="sure to come"
        )
    declaring.excuse(session=coming, person=ange, by=elia, slot_number=1)  # an absence may be announced
    assert part(coming, ange).is_excused


def test_who_is_neither_invited_nor_was_here_has_no_row_to_write_in(session, elia, stranger):
    with pytest.raises(Refused, match="not_on_sheet"):
        minutes(session, elia, stranger, 10, 40)


def sign(session, by, person, **more):
    given = {"slot_number": 1, "mode": Where.VIDEO, "reason": "The telephone was empty"} | more
    declaring.declare_signature(session=session, person=person, by=by, **given)


def test_a_late_signature_is_declared_once_and_marked_as_such(session, elia, ange):
    sign(session, elia, ange)
    mark = part(session, ange).signature
    assert (mark.is_declared, mark.author_name, mark.reason) == (
        True,
        "Elia Prova",
        "The telephone was empty",
    )
    with pytest.raises(Refused, match="signed_already"):
        sign(session, elia, ange)


def test_a_declared_signature_in_the_room_counts_its_hours(session, elia, bruna):
    sign(session, elia, bruna, mode=Where.ROOM, times=(at(session, 30), at(session, 90)))
    assert (part(session, bruna).minutes, part(session, bruna).onsite) == (60, 60)


@pytest.mark.parametrize("mode", [Where.ROOM, Where.VIDEO])
def test_a_declared_signature_with_a_start_alone_lasts_to_the_held_end(session, elia, bruna, mode):
    sign(session, elia, bruna, mode=mode, times=(at(session, 30), None))
    assert part(session, bruna).minutes == 60


def test_who_came_late_is_declared_while_the_half_day_runs(elia, ange, clock):
    running = cast.make_session(elia)
    cast.invite(running, ange)
    clock.at(running.starts_at)
    running = sessions.open_(session=running, by=elia)
    clock.forward(minutes=40)
    with pytest.raises(Refused, match="times_to_come"):
        sign(running, elia, ange, mode=Where.ROOM, times=(at(running, 30), at(running, 90)))
    with pytest.raises(Refused, match="times_reversed"):
        sign(running, elia, ange, mode=Where.ROOM, times=(at(running, 50), None))
    sign(running, elia, ange, mode=Where.ROOM, times=(at(running, 30), None))
    assert part(running, ange).minutes == 10
    clock.at(running.ends_at)
    sessions.close(session=running, by=elia)
    assert part(running, ange).minutes == 60


def test_a_voided_signature_leaves_room_for_another_one(session, elia, ange):
    sign(session, elia, ange)
    correcting.void_signature(session=session, person=ange, by=elia, slot_number=1, reason="wrong person")
    assert part(session, ange).signature is None
    with pytest.raises(Refused, match="nothing_signed"):
        correcting.void_signature(session=session, person=ange, by=elia, slot_number=1, reason="again")
    sign(session, elia, ange)
    assert part(session, ange).signature.is_declared


def test_an_excuse_keeps_no_reason_and_excludes_a_signature(session, elia, bruna):
    declaring.excuse(session=session, person=bruna, by=elia, slot_number=1)
    assert part(session, bruna).is_excused
    event = PresenceEvent.objects.filter(session=session).order_by("seq").last()
    assert (event.reason, event.data) == ("", {"excused": True})
    with pytest.raises(Refused, match="excused_already"):
        declaring.excuse(session=session, person=bruna, by=elia, slot_number=1)
    with pytest.raises(Refused, match="excused_already"):
        sign(session, elia, bruna)
    correcting.withdraw_excuse(session=session, person=bruna, by=elia, slot_number=1, reason="she was there")
    assert not part(session, bruna).is_excused
    with pytest.raises(Refused, match="not_excused"):
        correcting.withdraw_excuse(session=session, person=bruna, by=elia, slot_number=1, reason="again")
    sign(session, elia, bruna)
    with pytest.raises(Refused, match="signed_and_excused"):
        declaring.excuse(session=session, person=bruna, by=elia, slot_number=1)


def test_one_pass_excuses_from_every_half_day_that_is_not_signed(elia, bruna):
    start = now().replace(tzinfo=None) + timedelta(days=2)
    slots = [(start + timedelta(hours=n), start + timedelta(hours=n + 1)) for n in (0, 2, 4)]
    long = cast.make_session(elia, slots=slots)
    cast.invite(long, bruna)
    declaring.excuse(session=long, person=bruna, by=elia, slot_number=2)
    declaring.excuse(session=long, person=bruna, by=elia, slot_number=1, everywhere=True)
    row = next(row for row in sheet(long).rows if row.person == bruna)
    assert row.is_excused
    assert PresenceEvent.objects.filter(session=long).count() == 3


def test_corrected_times_stand_in_the_place_of_what_was_seen(session, elia, ange):
    assert part(session, ange).minutes == 45
    spans = [(at(session, 50), at(session, 60)), (at(session, 0), at(session, 20))]
    correcting.replace_times(
        session=session, person=ange, by=elia, slot_number=1, times=spans, reason="a mix-up"
    )
    assert (part(session, ange).minutes, part(session, ange).corrected) == (30, True)
    correcting.replace_times(session=session, person=ange, by=elia, slot_number=1, times=[], reason="not she")
    assert part(session, ange).minutes == 0


def test_times_that_overlap_are_refused(session, elia, ange):
    spans = [(at(session, 0), at(session, 20)), (at(session, 19), at(session, 30))]
    with pytest.raises(Refused, match="times_overlap"):
        correcting.replace_times(
            session=session, person=ange, by=elia, slot_number=1, times=spans, reason="a mix-up"
        )


def test_an_incident_is_kept_and_declares_the_minutes_of_who_is_ticked(session, elia, ange, bruna):
    count = declaring.note_incident(
        session=session,
        by=elia,
        incident="The video server was away",
        people=[ange, bruna],
        slot_number=1,
        times=(at(session, 30), at(session, 60)),
    )
    assert (count, sheet(Session.objects.get(pk=session.pk)).about.incident) == (
        2,
        "The video server was away",
    )
    assert (part(session, ange).minutes, part(session, ange).declared) == (60, 15)
    assert part(session, bruna).declared == 30


def test_an_incident_with_people_needs_a_half_day_and_keeps_nothing_without(session, elia, ange):
    with pytest.raises(Refused, match="half_day_missing"):
        declaring.note_incident(session=session, by=elia, incident="It broke", people=[ange])
    assert Session.objects.get(pk=session.pk).incident == ""


@pytest.mark.parametrize("change", [{"state": State.CANCELLED}, {"condensed_at": now()}])
def test_a_session_that_takes_no_facts_refuses_the_hand(session, elia, bruna, change):
    Session.objects.filter(pk=session.pk).update(**change)
    with pytest.raises(Refused, match=r"not_now|condensed"):
        minutes(session, elia, bruna, 10, 40)


def test_the_reason_of_a_finding_is_kept_once_and_can_be_taken_back(session, elia, camille):
    def told(by, words):
        return explaining.explain(session=session, by=by, reasons={"absent:x": words, "outside:y": ""})

    assert told(elia, " He was ill ") == 1
    assert told(elia, "He was ill") == 0
    assert told(camille, "He was away") == 1
    assert [(each.reason, each.by) for each in session.explanations.all()] == [("He was away", camille)]
    assert told(camille, "") == 1
    assert not session.explanations.exists()
    with pytest.raises(Refused, match="reason_long"):
        told(elia, "x" * 301)
