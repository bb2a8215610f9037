"""The consistency report: each line is found by its own case, and a session without fault has none."""

import uuid
from datetime import datetime, timedelta

import pytest
from django.utils import translation

from seminars.actions import answers, ledger, sealing, sessions
from seminars.models import Explanation, PresenceCheck, Session, TeamMember, WalkIn
from seminars.moments import as_if
from seminars.queries.consistency import findings, unexplained
from seminars.queries.sheets import sheet
from seminars.vocabulary import Answer, Mode, Role
from tests import cast
from tests.difficult import difficult
from tests.guarded import tampering
from web import consistency

pytestmark = pytest.mark.django_db
THURSDAY = datetime(2026, 3, 12, 9)


class Story:
    """A training of an hour and a half in the past, told minute by minute."""

    def __init__(self, by, *people, start=THURSDAY, **more):
        with as_if(datetime(2026, 3, 1, 12).astimezone()):
            self.session = cast.make_session(by, start, **{"min_presence_percent": 80} | more)
            if people:
                cast.invite(self.session, *people)
            for one in self.session.invitations.all():
                answers.answer(invitation=one, answer=Answer.YES)
        self.by = by

    def at(self, minute):
        return self.session.starts_at + timedelta(minutes=minute)

    def open(self):
        with as_if(self.at(0)):
            self.session = sessions.open_(session=self.session, by=self.by)
        return self

    def write(self, minute, person, kind, source="companion", slot=1, **fact):
        with as_if(self.at(minute)):
            ledger.append(
                session=self.session,
                person=person,
                kind=kind,
                source=source,
                at=self.at(minute),
                slot_number=slot,
                **fact,
            )
        return self

    def line(self, person, start=0, end=90):
        connection = uuid.uuid4()
        self.write(start, person, "joined", connection=connection)
        return self.write(end, person, "left", connection=connection)

    def sign(self, person, minute, mode="video", hand="participant", **more):
        data = {"as": hand, "mode": mode, "by": "page"}
        return self.write(minute, person, "signed", author=person, data=data, **more)

    def close(self, *held, minute=95, reason=""):
        times = [(number, self.at(a), self.at(b)) for number, a, b in held or [(1, 0, 90)]]
        with as_if(self.at(minute)):
            self.session = sessions.close(session=self.session, by=self.by, held=times, reason=reason)
        return self

    def report(self):
        return findings(self.session, sheet(self.session))

    def kinds(self):
        return [one.kind for one in self.report()]

    def one(self, kind):
        [found] = [one for one in self.report() if one.kind == kind]
        with translation.override("en"):
            assert consistency.words(found, self.session)
        return found


@pytest.fixture
def story(elia, ange, bruna):
    """Everything is in order: two people signed and seen, a trainer who signed."""
    found = Story(elia, ange, bruna).open()
    found.line(elia).line(ange).line(bruna)
    return found.sign(ange, 2).sign(bruna, 4).sign(elia, 90, hand="trainer")


def test_a_session_in_order_has_no_line(story):
    assert story.kinds() == []
    assert story.close().kinds() == []


@pytest.mark.parametrize("witness", ["code", "walk_in", "checked_in", "confirmed", ""])
def test_signing_in_the_room_wants_a_sign_that_she_was_there(elia, ange, witness):
    found = Story(elia, ange, mode=Mode.IN_PERSON, place="Briançon").open()
    by = witness if witness in ("code", "walk_in") else "page"
    found.write(2, ange, "signed", author=ange, data={"as": "participant", "mode": "room", "by": by})
    if witness == "checked_in":
        found.write(1, ange, "checked_in", data={"mode": "room", "by": "code"})
    if witness == "confirmed":
        check = PresenceCheck.objects.create(
            session=found.session,
            slot=found.session.slots.get(),
            asked_at=found.at(20),
            answer_until=found.at(23),
        )
        found.write(21, ange, "confirmed", data={"check": check.code, "late": False})
    assert ("room_unwitnessed" in found.kinds()) == (witness == "")
    if not witness:
        assert (found.one("room_unwitnessed").level, found.one("room_unwitnessed").people) == (
            "care",
            (ange,),
        )


def test_four_who_sign_within_a_minute_are_a_line_and_three_are_none(elia):
    people = [cast.person(f"guest-{n}", f"Guest {n}") for n in range(4)]
    found = Story(elia, *people).open().sign(elia, 80, hand="trainer")
    for n, one in enumerate(people):
        found.line(one)
        if n:
            found.sign(one, 5 + n * 0.2)
    assert "signed_at_once" not in found.kinds()
    found.sign(people[0], 5.9)
    assert [one.key for one in found.one("signed_at_once").people] == [
        "guest-1",
        "guest-2",
        "guest-3",
        "guest-0",
    ]


def test_a_signature_outside_its_window_is_bad(story, daniele):
    story.line(daniele).sign(daniele, 125)
    assert (story.one("signed_outside_hours").level, story.one("signed_outside_hours").people) == (
        "bad",
        (daniele,),
    )


def test_a_trainer_who_signed_before_the_beginning_is_named(elia, ange):
    found = Story(elia, ange).sign(elia, -40, hand="trainer").open().line(ange)
    assert found.one("signed_outside_hours").people == (elia,)


def test_a_signature_by_video_that_no_connection_bears_out_is_bad(story, daniele):
    story.sign(daniele, 5)
    assert story.one("signed_without_connection").level == "bad"
    story.session.incident = "The video server stood still"
    assert story.one("signed_without_connection").level == "care", "the log is known to be missing"


def test_a_signature_in_the_room_after_the_end_bears_no_minute(story, daniele):
    story.sign(daniele, 110, "room").close(minute=115)
    found = story.one("signed_after_end")
    assert (found.people, found.level) == ((daniele,), "care")
    assert "signed_without_minutes" not in story.kinds()
    times = {"from": story.at(0).isoformat(), "to": story.at(90).isoformat()}
    story.write(116, daniele, "declared", "trainer", author=story.by, reason="She was there", data=times)
    assert "signed_after_end" not in story.kinds()


def test_who_was_there_and_did_not_sign_is_named_and_that_nobody_signed_is_one_line(elia, ange, bruna):
    found = Story(elia, ange, bruna).open().line(ange).line(bruna)
    assert found.one("nobody_signed").people == (ange, bruna)
    found.sign(ange, 3)
    assert (found.one("unsigned").people, found.one("unsigned").level) == ((bruna,), "bad")
    assert "not_countersigned" in found.kinds()


def test_where_nothing_must_be_proved_a_missing_signature_is_only_mentioned(elia, ange):
    found = Story(elia, ange, min_presence_percent=None).open().line(ange)
    assert found.one("nobody_signed").level == "care"


def test_a_missing_countersignature_is_bad_where_a_rule_asks_for_proof_and_the_seal_of_a_trainer_gives_it(
    elia, ange, camille
):
    found = Story(elia, ange, team=[(camille, Role.INTERPRETER)]).open().line(ange).sign(ange, 3).close()
    assert found.one("not_countersigned").level == "bad"
    TeamMember.objects.get_or_create(session=found.session, person=elia, role=Role.TRAINER)
    whole = sheet(found.session)
    assert "not_countersigned" not in [one.kind for one in findings(found.session, whole, elia)]
    assert "not_countersigned" in [one.kind for one in findings(found.session, whole, camille)]
    Session.objects.filter(pk=found.session.pk).update(min_presence_percent=None, training_scheme="")
    found.session.refresh_from_db()
    assert found.one("not_countersigned").level == "care"


def test_an_incident_of_one_half_day_explains_no_other(elia, ange, bruna):
    slots = [(THURSDAY, THURSDAY + timedelta(minutes=90))]
    slots.append((THURSDAY + timedelta(minutes=120), THURSDAY + timedelta(minutes=210)))
    found = Story(elia, ange, bruna, slots=slots).open().line(bruna, 0, 210)
    found.sign(ange, 5).sign(ange, 125, slot=2)
    found.session.incident = "The video server stood still"

    def levels():
        return [one.level for one in found.report() if one.kind == "signed_without_connection"]

    assert levels() == ["care", "care"], "nothing says when it was"
    times = {"from": found.at(30).isoformat(), "to": found.at(60).isoformat()}
    said = {"author": elia, "reason": found.session.incident, "data": times}
    found.write(150, bruna, "declared", "trainer", slot=1, **said)
    assert levels() == ["bad", "care"], "the morning's"


def test_a_public_event_asks_nobody_for_a_signature(elia, ange):
    found = Story(elia, ange, kind="public_event").open().line(ange)
    assert found.kinds() == []


def test_who_said_yes_and_is_not_excused_is_absent_once_the_session_has_ended(story, cyrille, elia):
    with as_if(story.at(-60)):
        [made] = cast.invite(story.session, cyrille)
    made.answer = Answer.YES
    made.save()
    assert "absent" not in story.kinds()
    story.close()
    assert story.one("absent").people == (cyrille,)
    story.write(96, cyrille, "declared", "trainer", author=elia, data={"excused": True})
    assert story.kinds() == []


def test_who_came_uninvited_or_after_a_no_is_named(story, cyrille, daniele):
    with as_if(story.at(-60)):
        [made] = cast.invite(story.session, cyrille)
    made.answer = Answer.NO
    made.save()
    story.line(cyrille).line(daniele).sign(cyrille, 6).sign(daniele, 8)
    assert (story.one("declined_present").people, story.one("uninvited").people) == ((cyrille,), (daniele,))


def test_an_open_walk_in_is_bad_and_a_decided_one_is_no_line(story, daniele, elia):
    story.sign(daniele, 6, "room")
    made = WalkIn.objects.create(session=story.session, person=daniele, at=story.at(6))
    assert (story.one("walk_in_open").level, story.one("walk_in_open").people) == ("bad", (daniele,))
    made.is_confirmed = True
    made.save()
    assert story.kinds() == []
    made.is_confirmed = False
    made.save()
    assert story.kinds() == [], "who was not there is on no list"


def test_more_people_than_seats_is_a_line(story):
    story.session.capacity = 1
    assert story.one("over_capacity").facts == {"present": 2, "capacity": 1}


def test_who_is_excused_and_was_there_is_named(story, ange, elia):
    story.write(1, ange, "declared", "trainer", author=elia, data={"excused": True})
    assert (story.one("excused_present").people, story.one("excused_present").level) == ((ange,), "bad")
    assert not {"signed_without_connection", "signed_without_minutes"} & set(story.kinds()), "said once"


def test_held_times_that_differ_by_more_than_ten_minutes_are_a_line_with_their_reason(story):
    story.close((1, 0, 79), minute=90, reason="A storm")
    found = story.one("held_differs")
    assert (found.facts["reason"], found.slots[0].number) == ("A storm", 1)


def test_a_session_by_video_in_which_the_server_saw_nobody_is_bad(elia, ange):
    found = Story(elia, ange).open()
    times = {"from": found.at(0).isoformat(), "to": found.at(90).isoformat()}
    found.write(91, ange, "declared", "trainer", author=elia, reason="The log is lost", data=times)
    found.close()
    assert found.one("no_server_event").level == "bad"
    found.session.incident = "Server lost"
    assert found.one("no_server_event").level == "care"


def test_one_connection_that_signs_for_two_is_bad(story, cyrille, daniele):
    one = uuid.uuid4()
    story.line(cyrille).line(daniele)
    story.sign(cyrille, 5, connection=one).sign(daniele, 6, connection=one)
    assert set(story.one("same_device").people) == {cyrille, daniele}


def test_a_guest_or_a_trainer_who_is_counted_elsewhere_at_the_time_is_named(story, elia, ange, dominique):
    other = Story(dominique, start=THURSDAY + timedelta(minutes=60)).open().line(ange)
    assert story.one("person_elsewhere").people == (ange,)
    assert story.one("person_elsewhere").facts["minutes"] == 30
    assert "trainer_elsewhere" not in story.kinds()
    other.line(elia, 10, 30)
    found = story.one("trainer_elsewhere")
    assert (found.people, found.level, found.facts["minutes"]) == ((elia,), "bad", 20)


def test_a_trainer_of_two_sessions_that_were_held_at_once_is_named_though_no_ledger_saw_her(
    story, elia, dominique
):
    Story(dominique, team=[(elia, Role.TRAINER)]).open().close()
    assert story.one("trainer_elsewhere").people == (elia,)


def test_a_guest_of_a_condensed_session_is_found_by_what_was_sealed(story, elia, ange, dominique):
    other = Story(dominique, ange, start=THURSDAY + timedelta(minutes=60)).open().line(ange).close()
    with as_if(other.at(100)):
        said = {"reason": "As it was", "by": dominique, "at": other.at(100)}
        for one in unexplained(other.session, sheet(other.session)):
            Explanation.objects.create(session=other.session, finding=one.key, **said)
        sealing.seal(session=other.session, by=dominique)
    before = story.one("person_elsewhere")
    with tampering():
        other.session.presence_events.all().delete()
    Session.objects.filter(pk=other.session.pk).update(condensed_at=other.at(200))
    assert story.one("person_elsewhere") == before


def test_touching_sessions_are_no_clash(story, dominique, ange):
    Story(dominique, start=THURSDAY + timedelta(minutes=90)).open().line(ange)
    assert story.kinds() == []


def test_two_sessions_in_one_place_at_once_are_a_line(elia, ange, dominique):
    found = Story(elia, ange, mode=Mode.IN_PERSON, place="Salle A").open().sign(ange, 5, "room")
    Story(dominique, mode=Mode.IN_PERSON, place="salle a", start=THURSDAY + timedelta(minutes=60)).open()
    assert found.one("same_place").facts["start"] == found.at(60)


def test_connections_long_after_the_hours_are_named_and_early_ones_are_not(story, cyrille, daniele):
    story.line(cyrille, -14, 90).sign(cyrille, 5).line(daniele, 0, 125).sign(daniele, 7)
    assert story.one("outside_hours").people == (daniele,)


def test_a_public_holiday_and_a_sunday_are_lines(elia, ange):
    assert Story(elia, ange, start=datetime(2026, 5, 8, 9)).one("holiday").facts["countries"] == ("FR",)
    assert Story(elia, ange, start=datetime(2026, 4, 6, 9)).one("holiday").facts["countries"] == ("FR", "IT")
    assert Story(elia, ange, start=datetime(2026, 3, 15, 9)).one("sunday").level == "care"


def test_title_or_hours_that_changed_after_the_first_letter_are_lines_and_changes_before_it_are_not(
    elia, ange
):
    found = Story(elia, ange)
    with as_if(found.at(-1440)):
        sessions.move(
            session=found.session,
            by=elia,
            slots=[(THURSDAY + timedelta(hours=1), THURSDAY + timedelta(hours=2))],
        )
    Session.objects.filter(pk=found.session.pk).update(title_fr="Tout autre chose")
    found.session = Session.objects.get(pk=found.session.pk)
    assert "Tout autre chose" in found.one("title_changed").facts["after"]
    assert found.one("hours_changed").facts["before"][0] == found.at(-60)
    assert Story(elia).kinds() == [], "nobody was written to"


def test_a_line_keeps_its_key_with_its_facts_and_gets_another_with_other_people(story, cyrille, daniele):
    story.sign(cyrille, 5)
    first = story.one("signed_without_connection").key
    assert story.one("signed_without_connection").key == first
    assert len(first) <= 120
    story.sign(daniele, 6)
    assert story.one("signed_without_connection").key != first


def test_an_explained_line_stands_and_no_longer_hinders_the_seal(story, cyrille, elia):
    story.sign(cyrille, 5)
    [line] = unexplained(story.session, sheet(story.session))
    said = {"reason": "Phoned in", "by": elia, "at": story.at(95)}
    Explanation.objects.create(session=story.session, finding=line.key, **said)
    assert unexplained(story.session, sheet(story.session)) == ()
    [shown] = consistency.lines(story.report(), story.session, sheet(story.session))
    assert (shown.reason, shown.author, shown.is_open, shown.names) == (
        "Phoned in",
        "Elia Prova",
        False,
        ("Cyrille Croquis",),
    )


def test_the_difficult_session_can_be_sealed_as_it_is():
    made = difficult()
    assert [one.kind for one in findings(made.session, sheet(made.session))] == ["absent", "held_differs"]


@pytest.mark.parametrize("language", ["en", "fr", "it"])
def test_every_kind_of_line_has_its_words(language):
    facts = {"hour", "held", "present", "capacity", "length", "start", "end", "place", "day", "countries"}
    facts |= {"told", "before", "after"}
    with translation.override(language):
        for kind, words in consistency.PLAIN.items():
            assert str(words) % dict.fromkeys(facts, "x"), kind


@pytest.mark.parametrize("count", [1, 3])
def test_the_report_takes_as_many_queries_for_one_as_for_three(elia, count, django_assert_num_queries):
    people = [cast.person(f"guest-{n}", f"Guest {n}", organisation_key="it-coop") for n in range(count)]
    found = Story(elia, *people).open()
    for one in people:
        found.line(one)
    whole = sheet(found.session)
    with django_assert_num_queries(9):
        assert [one.kind for one in findings(found.session, whole)] == ["nobody_signed", "not_countersigned"]
