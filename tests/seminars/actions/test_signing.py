"""Signing a half-day: in its window, by herself, once; the team's countersignature; coming and going by the code."""

import threading
import uuid

import pytest
from django.db import connection

from seminars.actions import sessions, signing
from seminars.errors import Refused
from seminars.evidence import chain
from seminars.models import PresenceEvent, SealedSheet, TeamMember
from seminars.moments import as_if, now
from seminars.queries import signing as queries
from seminars.vocabulary import Hand, Mode, PresenceKind, Role, Source
from tests import cast
from tests.course import Course, refusal

pytestmark = pytest.mark.django_db


def seal(session):
    blank = dict.fromkeys(("head", "digest", "previous", "seal_hash", "public_key", "signature"), "")
    SealedSheet.objects.create(
        session=session, version=1, number=1, sealed_at=now(), count=0, content={}, **blank
    )


@pytest.fixture
def course(elia, ange, bruna):
    found = Course(elia)
    cast.invite(found.session, ange, bruna)
    found.open()
    return found


def test_a_signature_is_one_line_of_the_ledger_by_herself(course, ange):
    event = course.sign(ange, 9, 35)
    assert (event.kind, event.source, event.person, event.author) == (
        PresenceKind.SIGNED,
        Source.COMPANION,
        ange,
        ange,
    )
    assert event.data == {"as": "participant", "mode": "room", "by": "page"}
    assert (event.slot.number, event.at) == (1, course.at(9, 35))
    assert event.hash == chain.link(event.prev_hash, event.record())


@pytest.mark.parametrize(("hour", "minute"), [(9, 15), (12, 59)])
def test_the_window_opens_a_quarter_before_and_closes_half_an_hour_after(course, ange, hour, minute):
    assert course.sign(ange, hour, minute).slot.number == 1


@pytest.mark.parametrize(
    ("hour", "minute", "why"), [(9, 14, "sign_early"), (13, 0, "sign_late"), (16, 0, "sign_late")]
)
def test_outside_the_window_nobody_signs(course, ange, hour, minute, why):
    assert refusal(course.sign, ange, hour, minute) == why
    assert not PresenceEvent.objects.filter(kind=PresenceKind.SIGNED).exists()


def test_nobody_signs_the_afternoon_in_the_morning(course, ange):
    assert refusal(course.sign, ange, 10, slot=2) == "sign_early"


def test_the_second_signature_of_a_half_day_is_refused_and_the_afternoon_is_another(course, ange, bruna):
    course.sign(ange, 10)
    assert refusal(course.sign, ange, 10, 1) == "signed_already"
    course.sign(bruna, 10, 2)
    course.sign(ange, 14, slot=2)
    assert PresenceEvent.objects.filter(kind=PresenceKind.SIGNED).count() == 3


def test_who_is_not_on_the_list_signs_nothing(course, stranger, camille):
    assert refusal(course.sign, stranger, 10) == "not_on_list"
    assert refusal(course.sign, camille, 10) == "not_on_list"


def test_the_team_does_not_sign_as_participants(course, elia):
    assert refusal(course.sign, elia, 10) == "countersigns"


def test_a_half_day_that_does_not_exist_is_refused(course, ange):
    assert refusal(course.sign, ange, 10, slot=7) == "no_half_day"


@pytest.mark.parametrize("typed", ["Ange Esquisse", "esquisse ANGE", " Angé  Esquisse ", "ANGE-ESQUISSE"])
def test_the_name_is_hers_whatever_its_case_accents_and_order(ange, typed):
    assert signing.is_her_name(typed, ange)


@pytest.mark.parametrize("typed", ["", "-", "Ange", "Ange Esquiss", "Bruna Schizzo", "Egan Esquisse"])
def test_another_name_is_not_hers(course, ange, typed):
    assert not signing.is_her_name(typed, ange)
    if typed:
        assert refusal(course.sign, ange, 10, name=typed) == "name_differs"


def test_an_apostrophe_says_nothing(ange):
    ange.name = "Maria-Élena D’Angelo"
    for typed in ("D'Angelo Maria Elena", "maria elena d angelo", "DAngelo MariaElena"):
        assert signing.is_her_name(typed, ange)


def test_a_name_without_letters_is_nobodys(ange):
    ange.name = "…"
    assert not signing.is_her_name("…", ange)


def test_where_she_is_follows_from_the_session_and_is_asked_where_it_does_not(elia, ange):
    online, hybrid = Course(elia, Mode.ONLINE), Course(elia, Mode.HYBRID)
    for each in (online, hybrid):
        cast.invite(each.session, ange)
        each.open()
    assert online.sign(ange, 10, mode="room").data["mode"] == "video"
    assert refusal(hybrid.sign, ange, 10) == "mode_missing"
    assert hybrid.sign(ange, 10, mode="video").data["mode"] == "video"
    assert hybrid.sign(ange, 14, slot=2, by="code").data["mode"] == "room"


def test_a_closed_session_takes_signatures_until_the_window_closes(course, ange, bruna):
    course.close()
    course.sign(ange, 17, 10, slot=2)
    assert refusal(course.sign, bruna, 17, 40, slot=2) == "sign_late"


def test_a_half_day_that_was_not_held_is_not_signed(elia, ange):
    course = Course(elia)
    cast.invite(course.session, ange)
    with as_if(course.at(13, 50)):
        course.session = sessions.open_(session=course.session, by=elia)
    with as_if(course.at(14, 5)):
        held = [(2, course.at(13, 55), course.at(14, 4))]
        course.session = sessions.close(session=course.session, by=elia, held=held, reason="fire alarm")
    with as_if(course.at(12, 40)):
        assert refusal(course.sign, ange, 12, 40) == "half_day_not_held"


def test_a_sealed_sheet_takes_no_signature(course, ange, elia):
    course.close()
    seal(course.session)
    assert refusal(course.sign, ange, 17, 10, slot=2) == "sheet_sealed"
    assert refusal(course.countersign, elia, 17, 10, slot=2) == "sheet_sealed"
    assert signing.countersign_all(session=course.session, person=elia) == 0


@pytest.mark.parametrize("state", ["draft", "cancelled"])
def test_nothing_is_signed_where_nothing_is_held(elia, ange, state):
    course = Course(elia)
    cast.invite(course.session, ange)
    type(course.session).objects.update(state=state)
    assert refusal(course.sign, ange, 10) == "not_now"


def test_who_was_voided_signs_again_and_who_is_excused_does_not(course, ange, bruna, elia):
    course.sign(ange, 10)
    common = {"session": course.session, "author": elia, "source": Source.TRAINER, "slot_number": 1}
    with as_if(course.at(10, 5)):
        signing.append(
            person=ange,
            kind=PresenceKind.CORRECTED,
            at=now(),
            reason="x",
            data={"signature": False},
            **common,
        )
        signing.append(person=bruna, kind=PresenceKind.DECLARED, at=now(), data={"excused": True}, **common)
    course.sign(ange, 10, 10)
    assert refusal(course.sign, bruna, 10, 10) == "sign_excused"


def test_the_trainer_countersigns_from_the_start_until_the_sealing(course, elia):
    assert refusal(course.countersign, elia, 9, 29) == "sign_early"
    event = course.countersign(elia, 9, 31)
    assert event.data == {"as": "trainer", "mode": "room", "by": "page"}
    assert refusal(course.countersign, elia, 9, 40) == "signed_already"
    course.close()
    assert course.countersign(elia, 20, slot=2).slot.number == 2


def test_the_tutor_of_a_placement_signs_as_tutor_and_participants_do_not_countersign(course, ange, cyrille):
    TeamMember.objects.create(session=course.session, person=cyrille, role=Role.PLACEMENT_TUTOR)
    assert course.countersign(cyrille, 10).data["as"] == Hand.TUTOR
    assert refusal(course.countersign, ange, 10) == "not_in_team"


def test_nobody_countersigns_a_session_that_was_never_opened(elia):
    course = Course(elia)
    assert refusal(course.countersign, elia, 10) == "sign_early"


def test_what_is_left_is_countersigned_at_the_sealing_for_whoever_is_of_the_team(course, elia, camille):
    course.countersign(elia, 10)
    course.close()
    with as_if(course.at(18)):
        assert signing.countersign_all(session=course.session, person=elia) == 1
        assert PresenceEvent.objects.order_by("seq").last().data == {
            "as": "trainer",
            "mode": "room",
            "by": "seal",
        }
        assert signing.countersign_all(session=course.session, person=elia) == 0
        assert signing.countersign_all(session=course.session, person=camille) == 0


@pytest.mark.parametrize(
    ("mode", "modes"),
    [(Mode.ONLINE, ["video", ""]), (Mode.HYBRID, ["video", ""]), (Mode.IN_PERSON, ["room", "room"])],
)
def test_the_seal_countersigns_from_where_the_trainer_was_and_invents_no_room(elia, ange, mode, modes):
    """She is connected in the morning alone."""
    course = Course(elia, mode=mode)
    cast.invite(course.session, ange)
    course.open()
    line = uuid.uuid4()
    for kind, moment in ((PresenceKind.JOINED, course.at(10)), (PresenceKind.LEFT, course.at(11))):
        with as_if(moment):
            source = Source.COMPANION
            signing.append(
                session=course.session, person=elia, kind=kind, source=source, at=moment, connection=line
            )
    course.close()
    with as_if(course.at(18)):
        assert signing.countersign_all(session=course.session, person=elia) == 2
    written = PresenceEvent.objects.filter(kind=PresenceKind.SIGNED).order_by("seq")
    assert [event.data["mode"] for event in written] == modes


@pytest.mark.parametrize("role", [Role.INTERPRETER, Role.SPEAKER, Role.RAPPORTEUR])
def test_who_leads_nothing_signs_for_herself_and_vouches_for_nobody(course, cyrille, role):
    TeamMember.objects.create(session=course.session, person=cyrille, role=role)
    assert refusal(course.countersign, cyrille, 10) == "not_in_team"
    with as_if(course.at(10)):
        assert [(one.slot.number, one.hand) for one in signing.due(cyrille, now())] == [(1, Hand.PARTICIPANT)]
    assert course.sign(cyrille, 10, 5).data["as"] == Hand.PARTICIPANT
    course.close()
    with as_if(course.at(18)):
        assert signing.countersign_all(session=course.session, person=cyrille) == 0


def test_coming_and_going_is_once_each(course, ange):
    assert refusal(course.move, signing.check_in, ange, 9) == "nothing_open"
    first = course.move(signing.check_in, ange, 9, 20)
    assert (first.kind, first.slot.number, first.data) == (
        PresenceKind.CHECKED_IN,
        1,
        {"mode": "room", "by": "code"},
    )
    assert course.move(signing.check_in, ange, 9, 50) is None
    assert course.move(signing.check_out, ange, 12, 35).slot.number == 1
    assert course.move(signing.check_out, ange, 12, 36) is None
    assert course.move(signing.check_in, ange, 13, 50).slot.number == 2


def test_whoever_left_in_the_afternoon_is_not_asked_to_leave_the_morning(course, ange):
    course.open()
    course.sign(ange, 9, 40)
    course.sign(ange, 14, 5, slot=2)
    assert course.move(signing.check_out, ange, 16, 30).slot.number == 2
    places = queries.places(course.session, ange, Hand.PARTICIPANT, course.at(16, 31))
    assert [place.may_go for place in places] == [False, False]


def test_who_signed_in_the_room_may_say_that_she_goes(course, ange, bruna):
    course.sign(ange, 10)
    assert course.move(signing.check_out, bruna, 11) is None
    assert course.move(signing.check_out, ange, 11).kind == PresenceKind.CHECKED_OUT


def test_nobody_comes_by_a_code_to_a_video_or_uninvited(elia, ange, stranger, course):
    online = Course(elia, Mode.ONLINE)
    cast.invite(online.session, ange)
    assert refusal(online.move, signing.check_in, ange, 10) == "not_on_site"
    assert refusal(course.move, signing.check_in, stranger, 10) == "not_on_list"


def test_what_is_due_is_open_hers_and_unsigned(course, ange, elia, stranger):
    assert course.due(ange, 9, 10) == []
    assert course.due(ange, 9, 20) == [(1, Hand.PARTICIPANT)]
    assert course.due(elia, 9, 20) == []
    assert course.due(elia, 14, 5) == [(1, Hand.TRAINER), (2, Hand.TRAINER)]
    course.sign(ange, 9, 30)
    assert course.due(ange, 9, 40) == []
    assert course.due(ange, 14) == [(2, Hand.PARTICIPANT)]
    assert course.due(stranger, 14) == []


@pytest.mark.parametrize("count", [1, 3])
def test_what_is_due_costs_the_same_for_one_session_and_three(elia, ange, count, django_assert_num_queries):
    for _ in range(count):
        course = Course(elia)
        cast.invite(course.session, ange)
    with as_if(course.at(10)), django_assert_num_queries(3):
        assert len(signing.due(ange, now())) == count


def test_the_state_of_each_half_day_is_what_she_may_do(course, ange):
    def states(hour, minute=0):
        found = queries.places(course.session, ange, Hand.PARTICIPANT, course.at(hour, minute))
        return [place.state for place in found]

    assert states(9) == ["early", "early"]
    assert states(10) == ["open", "early"]
    course.sign(ange, 10)
    assert states(14) == ["done", "open"]
    assert states(18) == ["done", "missed"]


@pytest.mark.django_db(transaction=True)
def test_two_posts_at_once_make_one_signature(elia, ange):
    course = Course(elia)
    cast.invite(course.session, ange)
    course.open()
    ready, codes = threading.Barrier(4), []

    def press():
        try:
            ready.wait(10)
            course.sign(ange, 10)
            codes.append("")
        except Refused as refused:
            codes.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=press) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(codes) == ["", *["signed_already"] * 3]
    assert PresenceEvent.objects.filter(kind=PresenceKind.SIGNED).count() == 1
