"""Closing, confirming, the sheet, and its rows for a spreadsheet."""

import csv
import io
import re
import uuid
from datetime import datetime, timedelta
from html import unescape

import pytest
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from seminars import moments
from seminars.actions import answers, attendance, rooms, sessions
from seminars.exchange.cells import FORMULA
from seminars.models import Lease, Person, PresenceEvent, Session
from seminars.moments import as_if
from seminars.vocabulary import Answer, PresenceKind, State
from tests import cast
from web.forms.attendance import CloseForm

pytestmark = pytest.mark.django_db


def test_the_length_proposed_is_that_of_the_hours_proposed(elia):
    """The sheet reckons from the hours that are sent, which have no seconds."""
    found = cast.make_session(elia)
    [slot] = found.slots.all()
    begun, ended = slot.starts_at - timedelta(seconds=20), slot.ends_at + timedelta(seconds=10)
    [half_day] = CloseForm(session=found, proposal=[(slot, begun, ended)]).half_days()
    wall = [moments.local(at, found.timezone).time().replace(second=0) for at in (begun, ended)]
    assert [half_day.begun.initial, half_day.ended.initial] == wall
    assert half_day.proposed == half_day.planned + 1


@pytest.fixture
def session(elia, ange, bruna, cyrille, clock):
    """In its eightieth minute of ninety: Ange is here, Bruna went to the video, Cyrille said yes and did not come."""
    found = cast.make_session(elia, min_presence_percent=80)
    cast.invite(found, ange, bruna, cyrille)
    for one in found.invitations.all():
        answers.answer(invitation=one, answer=Answer.YES)
    with as_if(found.starts_at):
        found = sessions.open_(session=found, by=elia)
        rooms.enter_video(session=found, person=bruna, connection=uuid.uuid4(), event=uuid.uuid4())
    with as_if(found.starts_at + timedelta(minutes=10)):
        attendance.sweep()
        attendance.arrive(session=found, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    clock.at(found.starts_at + timedelta(minutes=80, seconds=5))
    Lease.objects.filter(person=ange).update(seen_at=found.starts_at + timedelta(minutes=80))
    return found


@pytest.fixture
def host(client, elia):
    cast.signed_in(client, elia)
    client.cookies["django_language"] = "en"
    client.cookies["language"] = "en"
    return client


def url(name, session):
    return reverse(name, args=[session.code])


def wall(session, minute):
    return f"{moments.local(session.starts_at + timedelta(minutes=minute), session.timezone):%H:%M}"


def text(response):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def close(client, session, start=0, end=90, reason=""):
    given = {"held_from_1": wall(session, start), "held_to_1": wall(session, end), "reason": reason}
    return client.post(url("session-close", session), given)


def test_the_page_shows_hours_and_who_was_not_seen_or_did_not_come_or_is_still_there(host, session):
    response = host.get(url("session-close", session))
    html = response.content.decode()
    assert response.status_code == 200
    assert f'value="{wall(session, 0)}"' in html
    assert f'value="{wall(session, 80)}"' in html
    assert [row.person.key for row in response.context["unseen"]] == ["bruna"]
    assert response.context["unseen"][0].unseen == 80
    assert [row.person.key for row in response.context["missing"]] == ["cyrille"]
    assert [person.key for person in response.context["connected"]] == ["ange"]
    assert html.count("button go") == 1


def test_a_session_left_open_for_days_counts_to_its_planned_end(host, session, clock):
    clock.at(session.ends_at + timedelta(days=2))
    unseen = host.get(url("session-close", session)).context["unseen"]
    assert {row.person.key: row.unseen for row in unseen}["bruna"] == 90


def test_closing_keeps_the_hours_and_leads_to_the_sheet(host, session, clock):
    clock.at(session.ends_at + timedelta(minutes=5))
    response = close(host, session)
    assert (response.status_code, response["Location"]) == (302, url("session-sheet", session))
    slot = Session.objects.get(pk=session.pk).slots.get()
    assert (slot.held_from, slot.held_to) == (session.starts_at, session.ends_at)
    assert host.get(response["Location"]).status_code == 200
    again = host.get(url("session-close", session))
    assert (again.status_code, again["Location"]) == (302, url("session-sheet", session))


@pytest.mark.parametrize(
    ("start", "end", "reason", "field"),
    [
        (0, 79, "", "reason"),
        (30, 20, "why", "held_to_1"),
        (0, 85, "why", "held_to_1"),
    ],
)
def test_a_refusal_stands_at_its_field_and_nothing_is_lost(host, session, start, end, reason, field):
    response = close(host, session, start, end, reason)
    assert response.status_code == 422
    assert list(response.context["form"].errors) == [field]
    assert f'value="{wall(session, end)}"' in response.content.decode()
    assert reason in response.content.decode()
    assert Session.objects.get(pk=session.pk).state == State.RUNNING


def test_a_difference_of_more_than_ten_minutes_is_closed_with_its_reason(host, session):
    assert close(host, session, 0, 79, "The line broke in the valley").status_code == 302
    sheet = text(host.get(url("session-sheet", session)))
    assert "The line broke in the valley" in sheet
    assert "(79 min)" in sheet


def test_half_an_answer_about_the_hours_is_asked_for(host, session):
    response = host.post(
        url("session-close", session), {"held_from_1": "", "held_to_1": "10:00", "reason": ""}
    )
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["held_from_1"])
    empty = host.post(url("session-close", session), {"reason": ""})
    assert (empty.status_code, list(empty.context["form"].errors)) == (422, ["reason"])


def test_a_session_of_a_few_seconds_can_be_closed_as_it_went(host, elia, clock):
    short = cast.make_session(elia)
    clock.at(short.starts_at + timedelta(seconds=10))
    sessions.open_(session=short, by=elia)
    page = host.get(url("session-close", short)).context["form"]
    given = {name: page[name].value().strftime("%H:%M") for name in ("held_from_1", "held_to_1")}
    assert host.post(url("session-close", short), given | {"reason": "A trial"}).status_code == 302


@pytest.fixture
def night(elia, clock):
    """From 22:00 to 1:00, opened on time."""
    found = cast.make_session(elia, datetime(2027, 3, 11, 22, 0), minutes=180)
    with as_if(found.starts_at):
        return sessions.open_(session=found, by=elia)


def closed(client, session, begun, ended):
    given = {"held_from_1": begun, "held_to_1": ended, "reason": "It was a long night"}
    assert client.post(url("session-close", session), given).status_code == 302
    slot = session.slots.get()
    return [f"{moments.local(at, session.timezone):%d %H:%M}" for at in (slot.held_from, slot.held_to)]


@pytest.mark.parametrize(
    ("begun", "ended", "kept"),
    [
        ("22:00", "23:30", ["11 22:00", "11 23:30"]),
        ("22:00", "00:40", ["11 22:00", "12 00:40"]),
        ("00:05", "00:40", ["12 00:05", "12 00:40"]),
        ("21:55", "01:00", ["11 21:55", "12 01:00"]),
    ],
)
def test_a_night_session_is_held_until_the_hour_that_was_meant(host, night, clock, begun, ended, kept):
    clock.at(night.ends_at + timedelta(minutes=5))
    assert closed(host, night, begun, ended) == kept


@pytest.mark.parametrize("minute", [90, 160, 185])
def test_a_night_session_is_closed_as_the_page_proposes(host, night, clock, minute):
    clock.at(night.starts_at + timedelta(minutes=minute))
    form = host.get(url("session-close", night)).context["form"]
    assert form.half_days()[0].proposed == minute
    hours = [f"{form[name].value():%H:%M}" for name in ("held_from_1", "held_to_1")]
    first, last = (datetime(2027, 3, 11, 22, 0) + timedelta(minutes=length) for length in (0, minute))
    assert closed(host, night, *hours) == [f"{first:%d %H:%M}", f"{last:%d %H:%M}"]


def test_an_evening_that_ran_past_midnight_ends_on_the_next_day(host, elia, clock):
    evening = cast.make_session(elia, datetime(2027, 3, 11, 22, 0), minutes=90)
    with as_if(evening.starts_at):
        evening = sessions.open_(session=evening, by=elia)
    clock.at(evening.ends_at + timedelta(hours=1))
    assert closed(host, evening, "22:00", "00:15") == ["11 22:00", "12 00:15"]


def test_an_end_before_the_begin_is_no_day_and_night(host, session, clock):
    clock.forward(days=1)
    response = close(host, session, 30, 20, "why")
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["held_to_1"])


def test_a_session_that_does_not_run_leads_away(host, elia):
    planned = cast.make_session(elia)
    response = host.get(url("session-close", planned))
    assert (response.status_code, response["Location"]) == (302, url("session", planned))
    assert close(host, planned).status_code == 302
    assert Session.objects.get(pk=planned.pk).state == State.SCHEDULED


def test_one_is_confirmed_with_her_reason(host, session, bruna, elia):
    response = host.post(url("session-confirm", session), {"person": bruna.code, "reason": "She spoke"})
    assert (response.status_code, response["Location"]) == (302, url("session-close", session))
    event = PresenceEvent.objects.get(kind=PresenceKind.DECLARED)
    assert (event.person, event.author, event.source, event.reason) == (bruna, elia, "trainer", "She spoke")
    assert host.get(url("session-close", session)).context["unseen"] == []


def test_all_are_confirmed_in_one_act_even_after_the_closing(host, session, clock):
    clock.at(session.ends_at)
    assert close(host, session).status_code == 302
    response = host.post(url("session-confirm", session), {"everybody": "1"}, follow=True)
    assert response.redirect_chain[-1][0] == url("session-sheet", session)
    page = text(response)
    assert "Declared by Elia Prova: seen in the video by the trainer." in page
    assert response.context["unseen"] == []


def test_a_stranger_or_nobody_named_confirms_nothing(host, session, stranger):
    for given in ({"person": stranger.code}, {"person": "x"}, {}):
        assert host.post(url("session-confirm", session), given).status_code == 302
    host.post(url("session-confirm", session), {"everybody": "1", "reason": "x" * 301})
    assert not PresenceEvent.objects.filter(kind=PresenceKind.DECLARED).exists()


@pytest.mark.parametrize("name", ["session-close", "session-sheet", "session-sheet-csv"])
def test_only_its_hosts_come_here(client, session, ange, dominique, name):
    for person in (ange, dominique):
        cast.signed_in(client, person)
        assert client.get(url(name, session)).status_code == 404


def test_a_confidential_session_has_its_sheet_for_its_hosts(host, session):
    Session.objects.filter(pk=session.pk).update(is_confidential=True)
    assert host.get(url("session-sheet", session)).status_code == 200
    assert host.post(url("session-sheet-csv", session)).status_code == 200


def test_the_sheet_of_a_running_session_is_a_draft(host, session):
    response = host.get(url("session-sheet", session))
    assert "Draft" in text(response)
    assert not response.context["sheet"].is_final
    assert response.content.decode().count("button go") == 1


def test_the_sheet_names_its_classes_its_zone_and_its_basis(host, session, clock, settings):
    clock.at(session.ends_at)
    close(host, session)
    page = text(host.get(url("session-sheet", session)))
    for words in (
        "(UTC+1)",
        "heure de Paris",
        "ora di Parigi",
        "80 %",
    ):
        assert words in page, words
    for language in ("fr", "it"):  # whoever reads, the footnotes stand in both languages
        with translation.override(language):
            gap = {"minutes": settings.BRIDGED_GAP_MINUTES}
            note = _("Bridged: gaps under %(minutes)s minutes between two presences, counted.") % gap
        assert " ".join(note.split()) in page, note
    assert "Les mots du travail social" in page
    assert "Le parole del lavoro sociale" in page
    assert "not sealed yet" in page
    assert PresenceEvent.objects.filter(session=session).order_by("-seq").first().hash in page
    settings.FUNDING = {"line": "Co-funded by the European Union", "project": "X"}
    assert "Co-funded by the European Union" in text(host.get(url("session-sheet", session)))


def test_whoever_might_meet_the_threshold_is_to_be_decided(host, session, clock):
    clock.at(session.ends_at)
    close(host, session)
    lines = host.get(url("session-sheet", session)).context["lines"]
    assert {line.row.person.key: line.verdict for line in lines} == {
        "ange": "not_met",
        "bruna": "undecided",
        "cyrille": "not_met",
        "elia": "",
    }


def rows_of(response):
    body = response.content.decode("utf-8")
    assert body.startswith("\ufeff")
    return list(csv.reader(io.StringIO(body[1:], newline=""), delimiter=";"))


def test_the_csv_reads_back_as_the_rows_of_the_sheet(host, session, clock):
    clock.at(session.ends_at)
    close(host, session)
    response = host.post(url("session-sheet-csv", session))
    day = moments.local(session.starts_at, session.timezone).date()
    assert response["Content-Disposition"] == f'attachment; filename="viso-{session.code}-{day}.csv"'
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    head, *rows = rows_of(response)
    assert {len(row) for row in rows} == {len(head)}
    assert [row[1] for row in rows] == ["Ange Esquisse", "Bruna Schizzo", "Cyrille Croquis", "Elia Prova"]
    ange = dict(zip(head, rows[0], strict=True))
    assert ange["Minutes counted"] == "70"
    assert ange["Minutes planned"] == "90"
    start = moments.local(session.starts_at + timedelta(minutes=10), session.timezone)
    assert rows[0][6] == start.isoformat(timespec="seconds")
    bruna = dict(zip(head, rows[1], strict=True))
    assert (bruna["Minutes counted"], bruna["Minutes not seen in the video"]) == ("0", "90")


@pytest.mark.parametrize(
    "name",
    [
        '=HYPERLINK("http://x")',
        "+cmd",
        "-1+1",
        "@SUM(A1)",
        "\tTAB",
        "\rCR",
        'Quo"te; semi',
        "New\nline",
        "O’Neil, A",
    ],
)
def test_no_cell_is_a_formula_and_every_cell_comes_back(host, session, ange, name):
    Person.objects.filter(pk=ange.pk).update(name=name)
    _head, *rows = rows_of(host.post(url("session-sheet-csv", session)))
    expected = f"'{name}" if name[0] in "=+-@\t\r" else name
    assert expected in [row[1] for row in rows]
    assert not any(cell.startswith(FORMULA) for row in rows for cell in row)
    assert len(rows) == 4


def test_numbers_stay_numbers(host, session):
    body = host.post(url("session-sheet-csv", session)).content.decode()
    assert re.search(r";70;0;0;0;0;0;90;77;", body)


@pytest.mark.parametrize("language", ["fr", "it"])
def test_the_first_language_of_a_head_is_that_of_the_reader(host, session, language):
    host.cookies["language"] = host.cookies["django_language"] = language
    page = text(host.get(url("session-sheet", session), headers={"accept-language": language}))
    assert "heure de Paris" in page
    assert "ora di Parigi" in page
