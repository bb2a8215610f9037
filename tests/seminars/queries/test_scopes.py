"""Parts of the public programme and of a person's own sessions: what stands in each, its name, window and colour."""

from datetime import timedelta

import icalendar
import pytest
from django.utils import translation

from seminars.actions import answers, people
from seminars.models import Organisation, Session
from seminars.moments import now
from seminars.queries import calendars, scopes
from seminars.vocabulary import FeedScope, Kind, Role
from tests import cast

pytestmark = pytest.mark.django_db


def calendar(scope: scopes.Scope | None) -> icalendar.Calendar:
    assert scope is not None
    return icalendar.Calendar.from_ical(calendars.feed(scope).body)


def uids(scope: scopes.Scope | None) -> set[str]:
    return {str(event["UID"]) for event in calendar(scope).walk("VEVENT")}


@pytest.fixture
def joint(elia, dominique) -> Session:
    """Held in Italy, with a French organisation beside."""
    made = cast.make_session(elia, is_public=True, activity=cast.activity("A3"), kind=Kind.YOUTH_STAY)
    made.organisers.add(dominique.organisation)
    return made


@pytest.fixture
def french(dominique) -> Session:
    return cast.make_session(dominique, is_public=True)


@pytest.mark.parametrize(
    ("by", "key", "stands"),
    [
        ("activity", "A3", {"joint"}),
        ("activity", "A1", {"french"}),
        ("kind", "youth_stay", {"joint"}),
        ("kind", "working_group", set()),
        ("organisation", "it-coop", {"joint"}),
        ("organisation", "fr-county", {"joint", "french"}),
        ("side", "it", {"joint"}),
        ("side", "fr", {"joint", "french"}),
    ],
)
def test_a_part_holds_what_is_of_it_and_public(elia, joint, french, by, key, stands):
    cast.make_session(elia, activity=cast.activity("A3"), kind=Kind.YOUTH_STAY)  # not public
    cast.make_session(elia, is_public=True, is_confidential=True)
    cast.make_session(elia, is_public=True, is_draft=True)
    known = {"joint": joint.uid, "french": french.uid}
    assert uids(scopes.of_part("fr", by, key)) == {known[each] for each in stands}


@pytest.mark.parametrize(
    ("by", "key"),
    [
        ("activity", "A9"),
        ("activity", "a3"),
        ("organisation", "nobody"),
        ("side", "ch"),
        ("side", "FR"),
        ("side", ""),
        ("side", "ıt"),
        ("kind", "party"),
        ("person", "ange"),
    ],
)
def test_what_is_no_part_is_absent(joint, by, key):
    assert scopes.of_part("fr", by, key) is None


def test_a_calendar_is_named_in_its_language(joint):
    names = {
        ("fr", "activity", "A3"): "Viso, A3 Réseau social",
        ("it", "activity", "A3"): "Viso, A3 Rete sociale",
        ("it", "organisation", "fr-county"): "Viso, Organizzazione fr-county",
        ("en", "side", "it"): "Viso, Italy",
        ("en", "kind", "youth_stay"): "Viso, Intercultural youth stay",
    }
    for (language, by, key), name in names.items():
        found = calendar(scopes.of_part(language, by, key))
        said = (str(found[each]).replace("\\", "") for each in ("NAME", "X-WR-CALNAME"))
        assert set(said) == {name}
        assert str(found["SOURCE"]).endswith(f"/calendar/public/{language}/{by}/{key}.ics")
    uid = {str(calendar(scopes.of_part(*words))["UID"]) for words in names}
    assert len(uid) == len(names)


def test_an_activity_has_its_colour_and_its_code_in_calendars(joint):
    part = calendar(scopes.of_part("fr", "activity", "A3"))
    assert (str(part["COLOR"]), str(part["X-APPLE-CALENDAR-COLOR"])) == ("royalblue", "#4169e1")
    (event,) = part.walk("VEVENT")
    assert (str(event["COLOR"]), event["CATEGORIES"].cats) == ("royalblue", ["A3"])
    whole = calendar(scopes.of_everybody("fr"))
    assert str(whole["COLOR"]) == scopes.COLOR


def test_each_colour_has_its_code():
    assert set(scopes.COLORS.values()) | {scopes.COLOR} == set(scopes.CODES)


def test_a_confidential_session_tells_not_even_its_activity(elia, ange):
    cast.invite(cast.make_session(elia, is_confidential=True), ange)
    (event,) = calendar(scopes.of_person(ange)).walk("VEVENT")
    assert "CATEGORIES" not in event
    assert "COLOR" not in event


def test_the_head_of_a_feed_is_what_programs_ask_for(joint):
    """Line by line what programs read of a subscription (RFC 7986, and the X-WR names in use)."""
    lines = calendars.feed(scopes.of_everybody("it")).body.replace(b"\r\n ", b"").decode().split("\r\n")
    for line in (
        "X-WR-TIMEZONE:Europe/Rome",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
        "X-PUBLISHED-TTL:PT1H",
        "SOURCE;VALUE=URI:http://localhost:8000/calendar/public/it.ics",
        "COLOR:seagreen",
        "X-APPLE-CALENDAR-COLOR:#2e8b57",
        "UID:public-it@viso",
    ):
        assert line in lines
    for name in ("NAME", "X-WR-CALNAME", "DESCRIPTION", "X-WR-CALDESC"):
        assert [line for line in lines if line.startswith(f"{name}:")]
    assert lines.index("BEGIN:VTIMEZONE") < lines.index("BEGIN:VEVENT")
    assert not [line for line in lines if line.startswith("METHOD")]


def test_a_feed_without_a_session_has_its_zone(db):
    body = calendars.feed(scopes.Scope("fr", part=None)).body
    assert b"BEGIN:VTIMEZONE\r\nTZID:Europe/Paris" in body
    assert b"VEVENT" not in body


def test_whoever_comes_has_her_yes_and_her_teams_and_whoever_leads_what_she_leads(elia, ange):
    led = cast.make_session(elia)
    yes, maybe, unanswered = (cast.make_session(ange, team=[(elia, Role.INTERPRETER)]) for _ in range(3))
    for session, answer in ((yes, "yes"), (maybe, "maybe"), (unanswered, "")):
        session.team.filter(person=elia).delete()
        (invitation,) = cast.invite(session, elia)
        if answer:
            answers.answer(invitation=invitation, answer=answer)
    helped = cast.make_session(ange, team=[(elia, Role.INTERPRETER)])
    expected = {
        FeedScope.ALL: {led, yes, maybe, unanswered, helped},
        FeedScope.COMING: {led, yes, helped},
        FeedScope.LEADING: {led},
    }
    for which, sessions in expected.items():
        scope = scopes.Scope("fr", elia, which)
        assert uids(scope) == {session.uid for session in sessions}
    with translation.override("en"):
        assert len({scopes.title(scopes.Scope("en", elia, which)) for which in FeedScope}) == 3


def test_a_key_says_what_it_opens(ange):
    row, _key = people.make_calendar_key(
        person=ange, name="phone", scope=FeedScope.COMING, language="it", past_days=7, lasts=30
    )
    scope = scopes.of_key(row)
    assert (scope.language, scope.which, scope.past, scope.person) == ("it", FeedScope.COMING, 7, ange)
    assert scope.expires_at is not None
    assert timedelta(days=29) < scope.expires_at - now() <= timedelta(days=30)
    plain = scopes.of_key(people.make_calendar_key(person=ange, name="phone")[0])
    assert (plain.language, plain.which) == (ange.language, FeedScope.ALL)


@pytest.mark.parametrize(("days", "stays"), [(0, 0), (10, 10), (730, 730)])
def test_the_past_stays_as_long_as_the_key_says(elia, ange, clock, days, stays):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    scope = scopes.Scope("fr", ange, past_days=days)
    clock.at(session.ends_at + timedelta(days=stays, minutes=-1))
    assert uids(scope) == {session.uid}
    clock.forward(minutes=2)
    assert uids(scope) == set()


def test_an_edition_ends_with_its_key(elia, ange, clock):
    row, _key = people.make_calendar_key(person=ange, name="phone", lasts=30)
    assert calendars.feed(scopes.of_key(row)).until == row.expires_at
    cast.invite(cast.make_session(elia, now() - timedelta(days=170)), ange)
    left = calendars.feed(scopes.of_key(row)).until
    assert left is not None
    assert row.expires_at is not None
    assert left < row.expires_at


@pytest.mark.parametrize("by", ["activity/A3", "organisation/it-coop", "side/it", "kind/youth_stay"])
@pytest.mark.parametrize("count", [1, 3])
def test_a_part_costs_the_same_however_long_it_is(elia, by, count, django_assert_max_num_queries):
    for _ in range(count):
        cast.make_session(elia, is_public=True, activity=cast.activity("A3"), kind=Kind.YOUTH_STAY)
    with django_assert_max_num_queries(4):
        assert len(uids(scopes.of_part("fr", *by.split("/")))) == count


def test_only_parts_in_which_something_stands_are_offered(elia, joint):
    cast.activity("A8")
    cast.organisation("fr-idle", "FR")
    cast.make_session(elia, kind=Kind.WORKING_GROUP)  # not public
    with translation.override("en"):
        offered = {by: [value for value, _words in parts] for by, parts in scopes.parts_offered("en")}
    assert offered == {
        "activity": ["activity/A3"],
        "side": ["side/fr", "side/it"],
        "organisation": ["organisation/fr-county", "organisation/it-coop"],
        "kind": ["kind/youth_stay"],
    }
    assert Organisation.objects.count() == 3
