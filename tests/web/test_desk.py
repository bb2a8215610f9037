"""The trainer's desk: finding her way among people and half-days, acting by hand, and reading what is recorded."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seminars import moments
from seminars.actions import declaring, sealing, sessions
from seminars.models import PresenceEvent, Session
from seminars.moments import as_if
from seminars.queries.sheets import sheet
from seminars.vocabulary import PresenceKind
from tests import cast, difficult

pytestmark = pytest.mark.django_db


@pytest.fixture
def hard(db, clock):
    found = difficult.difficult()
    clock.at(found.session.closed_at + timedelta(hours=1))
    return found


@pytest.fixture
def host(client, hard):
    return english(client, hard.people["elia"])


def english(client, person):
    cast.signed_in(client, person)
    client.cookies["django_language"] = client.cookies["language"] = "en"
    return client


def address(session, person=None, name="session-desk"):
    return (
        reverse(f"{name}-person", args=[session.code, person.code])
        if person
        else reverse(name, args=[session.code])
    )


def text(response):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def standings(response):
    return {
        line.row.person.key: [standing.words for _part, standing in line.cells]
        for line in response.context["lines"]
    }


def test_every_person_has_one_row_that_says_where_each_half_day_stands(host, hard):
    response = host.get(address(hard.session))
    assert response.status_code == 200
    said = standings(response)
    assert said["daniele"][1] == "excused"
    assert said["ivo"] == ["signed on paper", "signed on paper"]
    assert said["helene"][1] == "signature declared by the trainer"
    assert said["karim"] == ["absent", "absent"]
    assert re.match(r"signed at \d", said["ange"][0])
    html = response.content.decode()
    for row in sheet(hard.session).rows:
        assert html.count(f'href="{address(hard.session, row.person)}"') == 1


def test_the_page_of_a_person_tells_every_event_of_hers_in_words(host, hard):
    for key, person in hard.people.items():
        response = host.get(address(hard.session, person))
        if response.status_code == 404:
            assert key == "ombra" or person.pk not in [row.person.pk for row in sheet(hard.session).rows]
            continue
        events = PresenceEvent.objects.filter(session=hard.session, person=person)
        assert len(response.context["told"]) == events.count()
        assert all(told.words for told in response.context["told"])
        for event in events.exclude(reason=""):
            assert event.reason in unescape(response.content.decode())


def test_all_languages_say_the_desk_and_its_people(client, hard):
    cast.signed_in(client, hard.people["elia"])
    for language in ("fr", "it", "en"):
        client.cookies["django_language"] = client.cookies["language"] = language
        for person in (None, hard.people["jeanne"]):
            assert client.get(address(hard.session, person)).status_code == 200


def act(client, session, person, name, slot=1, **fields):
    sent = {"act": f"{name}.{slot}"} | {f"{name}.{slot}-{field}": value for field, value in fields.items()}
    return client.post(address(session, person), sent)


def part(session, person, slot=1):
    row = next(row for row in sheet(session).rows if row.person == person)
    return row.parts[slot - 1]


def test_minutes_a_signature_and_an_excuse_are_declared_from_the_page(host, hard):
    session, karim = hard.session, hard.people["karim"]
    assert (
        act(host, session, karim, "minutes", start="9:30", end="10:00", reason="By telephone").status_code
        == 302
    )
    assert part(session, karim).declared == 30
    assert act(host, session, karim, "signature", mode="video", reason="By telephone").status_code == 302
    assert part(session, karim).signature.is_declared
    assert act(host, session, karim, "excuse", slot=2).status_code == 302
    assert part(session, karim, 2).is_excused
    assert act(host, session, karim, "unexcuse", slot=2, reason="A mistake").status_code == 302
    assert act(host, session, karim, "void", reason="A mistake").status_code == 302
    times = {
        "from_1": "9:00",
        "to_1": "9:20",
        "from_2": "10:00",
        "to_2": "10:10",
        "reason": "As the log says",
    }
    assert act(host, session, karim, "times", **times).status_code == 302
    assert (part(session, karim).minutes, part(session, karim).corrected) == (30, True)
    assert part(session, karim).signature is None


def test_the_desk_says_from_when_somebody_was_there_and_what_is_recorded(host, hard):
    session, karim = hard.session, hard.people["karim"]
    sent = {"mode": "video", "start": "10:00", "end": "", "reason": "By telephone"}
    assert act(host, session, karim, "signature", **sent).status_code == 302
    page = text(host.get(address(session, karim)))
    assert "signature declared by the trainer, from 10:00" in page
    assert part(session, karim).times[-1][1] == part(session, karim).slot.held_to


def test_who_has_not_come_yet_is_not_called_absent(client, elia, ange, clock):
    running = cast.make_session(elia)
    cast.invite(running, ange)
    clock.at(running.starts_at + timedelta(minutes=5))
    sessions.open_(session=running, by=elia)
    english(client, elia)
    assert "not here yet" in text(client.get(address(running)))
    clock.at(running.ends_at)
    sessions.close(session=running, by=elia)
    assert "absent" in text(client.get(address(running)))


def test_a_sealed_sheet_that_stands_offers_no_other_seal_at_the_desk(client, elia, ange, clock):
    session = cast.make_session(elia)
    cast.invite(session, ange)
    with as_if(session.starts_at):
        sessions.open_(session=session, by=elia)
    clock.at(session.ends_at)
    session = sessions.close(session=session, by=elia)
    english(client, elia)
    assert client.get(address(session)).context["may_seal"]
    sealing.seal(session=session, by=elia)
    assert not client.get(address(session)).context["may_seal"]
    assert act(client, session, ange, "excuse").status_code == 302
    assert "Seal version 2" in text(client.get(address(session)))


@pytest.mark.parametrize(
    ("name", "fields", "field"),
    [
        ("minutes", {"start": "10:00", "end": "9:00", "reason": "why"}, "end"),
        ("minutes", {"start": "9:00", "end": "10:00", "reason": ""}, "reason"),
        ("minutes", {"start": "", "end": "10:00", "reason": "why"}, "start"),
        ("signature", {"mode": "", "reason": "why"}, "mode"),
        ("signature", {"mode": "room", "start": "", "end": "10:00", "reason": "why"}, "start"),
        ("times", {"from_1": "9:00", "to_1": "", "reason": "why"}, "to_1"),
    ],
)
def test_a_refusal_stands_at_its_field_and_what_was_typed_stays(host, hard, name, fields, field):
    before = PresenceEvent.objects.count()
    response = act(host, hard.session, hard.people["karim"], name, **fields)
    assert response.status_code == 422
    assert list(response.context["failed"].errors) == [field]
    assert fields["reason"] in response.content.decode()
    assert response.content.decode().count("<details open") == 1
    assert PresenceEvent.objects.count() == before


def test_an_act_that_no_longer_fits_says_so_and_changes_nothing(host, hard):
    before = PresenceEvent.objects.count()
    response = host.post(address(hard.session, hard.people["karim"]), {"act": "void.1"})
    assert response.status_code == 302
    assert host.post(address(hard.session, hard.people["karim"]), {"act": "nothing"}).status_code == 302
    assert PresenceEvent.objects.count() == before


def test_a_reason_for_what_fits_no_longer_is_given_back(host, hard):
    session, karim = hard.session, hard.people["karim"]
    declaring.declare_signature(
        session=session, person=karim, by=hard.people["elia"], slot_number=1, mode="room", reason="She forgot"
    )
    before = PresenceEvent.objects.count()
    response = act(host, session, karim, "signature", mode="room", reason="The <bus> was late")
    assert response.status_code == 422
    assert "Meanwhile this half-day has changed" in text(response)
    assert "You had written: The <bus> was late" in text(response)
    fields = re.findall(r"<textarea[^>]*>\s*The &lt;bus&gt; was late", response.content.decode())
    assert fields, "it stands in what may be done instead"
    assert "signature.2-reason" not in "".join(fields)
    assert PresenceEvent.objects.count() == before


def test_nobody_of_another_session_is_found_here(host, hard, stranger, ange):
    assert host.get(address(hard.session, stranger)).status_code == 404
    assert act(host, hard.session, stranger, "excuse").status_code == 404


def test_only_hosts_come_here(client, hard, dominique):
    for person in (hard.people["ange"], dominique):
        cast.signed_in(client, person)
        for name in ("session-desk", "session-incident", "session-scans", "session-typed", "session-seal"):
            assert client.get(address(hard.session, name=name)).status_code == 404


def test_only_who_waits_for_a_word_is_shown_when_asked(host, hard):
    everybody = standings(host.get(address(hard.session)))
    open_ = host.get(address(hard.session) + "?show=open")
    assert set(standings(open_)) < set(everybody)
    assert all(line.is_open for line in open_.context["lines"])


def test_the_incident_is_kept_and_declares_whoever_is_ticked(host, hard):
    sent = {
        "incident": "The valley had no power",
        "slot": "2",
        "start": "14:00",
        "end": "14:30",
        "people": [hard.people["karim"].code],
    }
    page = address(hard.session, name="session-incident")
    assert host.post(page, sent).status_code == 302
    session = Session.objects.get(pk=hard.session.pk)
    assert session.incident == "The valley had no power"
    assert part(session, hard.people["karim"], 2).declared == 30
    refused = host.post(page, sent | {"slot": ""})
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["slot"])
    assert "The valley had no power" in text(host.get(reverse("session-sheet", args=[session.code])))


def test_a_clock_that_goes_forward_has_no_such_hour(client, elia, ange, clock):
    night = cast.make_session(
        elia, moments.at(difficult.DAY.replace(day=29, month=3), "Europe/Paris"), minutes=300
    )
    cast.invite(night, ange)
    with as_if(night.starts_at):
        night = sessions.open_(session=night, by=elia)
    with as_if(night.ends_at):
        night = sessions.close(session=night, by=elia)
    clock.at(night.ends_at)
    english(client, elia)
    response = act(client, night, ange, "minutes", start="2:30", end="3:30", reason="why")
    assert (response.status_code, list(response.context["failed"].errors)) == (422, ["start"])
    assert act(client, night, ange, "minutes", start="1:30", end="3:30", reason="why").status_code == 302
    assert part(night, ange).declared == 60
    assert PresenceEvent.objects.filter(kind=PresenceKind.DECLARED).count() == 1


def test_more_people_ask_no_more_questions_of_the_database(
    client, elia, ange, bruna, cyrille, django_assert_num_queries
):
    session = cast.make_session(elia)
    cast.signed_in(client, elia)
    cast.invite(session, ange)
    with CaptureQueriesContext(connection) as one:
        client.get(address(session))
    cast.invite(session, bruna, cyrille)
    with django_assert_num_queries(len(one)):
        client.get(address(session))
