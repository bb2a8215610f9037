"""The difficult session: what each of its people is counted, and what stands beside her minutes."""

from datetime import timedelta

import pytest

from seminars.actions import ledger, sessions
from seminars.models import Letter
from seminars.moments import as_if
from seminars.queries.sheets import Row, Sheet, sheet
from seminars.vocabulary import LetterKind
from tests.difficult import HELD_REASON, MINUTES, difficult, hour

pytestmark = pytest.mark.django_db


@pytest.fixture
def found() -> Sheet:
    return sheet(difficult().session)


def row(sheet: Sheet, key: str) -> Row:
    return next(row for row in sheet.rows if row.person.key == key)


def test_each_person_is_counted_what_she_was_there(found):
    assert {row.person.key: tuple(part.minutes for part in row.parts) for row in found.rows} == MINUTES


def test_marks_of_every_kind_stand_beside_the_minutes(found):
    helene, ivo, daniele, elia = (row(found, key) for key in ("helene", "ivo", "daniele", "elia"))
    late, paper = helene.parts[1].signature, ivo.parts[0].signature
    assert (late.is_declared, late.reason, late.author_name) == (
        True,
        "Forgot to sign, came at two",
        "Elia Prova",
    )
    assert (paper.is_paper, paper.by, paper.author_name) == (True, "paper", "Elia Prova")
    assert (daniele.parts[0].mode, daniele.parts[0].signature.by) == ("room", "code")
    assert (daniele.parts[1].is_excused, daniele.parts[1].mode, daniele.is_excused) == (True, "", False)
    assert [mark.hand for part in elia.parts for mark in part.trainer_marks] == ["trainer", "trainer"]
    assert row(found, "lucia").parts[0].trainer_marks[0].hand == "tutor"
    assert row(found, "cyrille").parts[0].mode == "video"


def test_every_class_of_minutes_is_named(found):
    ange, bruna, cyrille, jeanne = (row(found, key) for key in ("ange", "bruna", "cyrille", "jeanne"))
    assert (ange.parts[1].declared, bruna.parts[0].replayed, bruna.parts[1].bridged) == (30, 6, 3)
    assert (cyrille.parts[0].declared, cyrille.parts[0].unseen) == (60, 20)
    assert (jeanne.parts[1].corrected, jeanne.is_corrected, jeanne.parts[1].bridged) == (True, True, 0)
    assert (row(found, "giulia").onsite, row(found, "ivo").onsite) == (345, 335)


def test_every_entry_and_exit_is_kept_before_gaps_are_bridged(found):
    part = row(found, "bruna").parts[1]
    assert part.visits == ((hour(13, 45), hour(15)), (hour(15, 3), hour(16, 30)))
    assert part.times == ((hour(13, 45), hour(16, 30)),)
    assert row(found, "ange").parts[0].visits == ((hour(9), hour(12)),), "two devices are one visit"


def test_substitutes_and_walk_ins_are_named(found):
    walter = row(found, "walter")
    assert (walter.is_walk_in, walter.walk_in_state, walter.organisation_it) == (
        True,
        "confirmed",
        "Association du Col",
    )
    assert row(found, "giulia").replaces == "Francesca D’Ébauche"
    assert row(found, "francesca").replaced_by == "Giulia Traccia"
    assert [one.person.key for one in found.withdrawn] == ["ombra"]
    assert found.withdrawn[0].walk_in_state == "refused"


def test_presence_checks_say_who_answered_and_who_answered_late(found):
    asked = hour(15, 10)
    assert row(found, "ange").parts[1].checks == ((asked, hour(15, 11), False),)
    assert row(found, "bruna").parts[1].checks == ((asked, hour(15, 16), True),)
    assert row(found, "jeanne").parts[1].checks == ((asked, None, False),)
    assert row(found, "ange").parts[0].checks == ()


def test_the_sheet_says_what_it_is_about_without_the_session(found):
    about = found.about
    assert (about.mode, about.scheme, about.incident[:7]) == (
        "hybrid",
        "Les mots du travail social",
        "Serveur",
    )
    assert [country for _fr, _it, country in about.organisers] == ["FR", "IT"]
    assert (found.planned, found.held) == (360, 345)


def test_people_stand_in_the_sheet_by_what_stands_for_them_in_the_ledger(found):
    events = found.session.presence_events.filter(person__key="ange")
    assert {row(found, "ange").subject} == set(events.values_list("subject", flat=True))
    assert (row(found, "karim").subject, row(found, "ange").code) == ("", row(found, "ange").person.code)


def test_a_running_session_has_the_same_facts():
    running = sheet(difficult(is_closed=False).session)
    assert (running.is_final, row(running, "elia").parts[0].minutes) == (False, 185), (
        "from its opening at 8:55"
    )


def test_who_is_excused_has_not_come_and_is_asked_for_no_feedback():
    made = difficult(is_closed=False)
    elia, karim = made.people["elia"], made.people["karim"]
    for number in (1, 2):
        with as_if(hour(16, 34)):
            ledger.append(
                session=made.session,
                person=karim,
                author=elia,
                kind="declared",
                source="trainer",
                at=hour(16, 34),
                slot_number=number,
                data={"excused": True},
            )
    with as_if(hour(16, 35) + timedelta(seconds=1)):
        held = [(1, hour(9), hour(12)), (2, hour(13, 45), hour(16, 30))]
        sessions.close(session=made.session, by=elia, held=held, reason=HELD_REASON)
    made.session.refresh_from_db()
    found = row(sheet(made.session), "karim")
    assert (found.has_come, found.is_excused, found.was_present) == (False, True, False)
    asked = Letter.objects.filter(kind=LetterKind.FEEDBACK).values_list("invitation__person__key", flat=True)
    assert "daniele" in asked
    assert "karim" not in asked
