"""The trainer sees what was reported late before she closes, and what arrived after the closing."""

import csv
import io
import re
import uuid
from datetime import timedelta
from html import unescape

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _

from seminars import moments
from seminars.actions import attendance, ledger, sessions, walk_ins
from seminars.actions.connections import Beat, Join, keep
from seminars.documents import papers
from seminars.models import Person, Session
from seminars.moments import as_if
from seminars.queries import reasons
from seminars.queries.sheets import sheet
from tests import cast
from web import deskwords, footnotes

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia: Person, ange: Person, bruna: Person, clock: cast.Clock) -> Session:
    """An hour at its fiftieth minute. Ange's page told late of seven minutes, Bruna's of twenty."""
    found = cast.make_session(elia, minutes=60)
    cast.invite(found, ange, bruna)
    with as_if(found.starts_at):
        found = sessions.open_(session=found, by=elia)
    claim(found, ange, 40, 10, 17)
    claim(found, bruna, 45, 0, 20)
    clock.at(found.starts_at + timedelta(minutes=50))
    return found


def claim(session: Session, person: Person, minute: int, start: int, end: int) -> None:
    """At `minute` a page is told to have run from `start` to `end`."""
    line = uuid.uuid4()
    with as_if(session.starts_at + timedelta(minutes=minute)):
        for kind, at in ((Join, start), (Beat, end)):
            keep([kind(session.pk, person.pk, line, uuid.uuid4(), timedelta(minutes=minute - at))])


def close(session: Session, clock: cast.Clock) -> Session:
    clock.at(session.ends_at)
    return sessions.close(session=session, by=session.created_by)


@pytest.fixture
def host(client: Client, elia: Person) -> Client:
    return cast.signed_in(client, elia)


def take(client: Client, name: str, session: Session) -> HttpResponse:
    return client.post(reverse(name, args=[session.code]), headers={"accept-language": "en"})


def see(client: Client, name: str, session: Session) -> HttpResponse:
    return client.get(reverse(name, args=[session.code]), headers={"accept-language": "en"})


def words(response: HttpResponse) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", response.content.decode())).split())


def entry(response: HttpResponse, name: str) -> str:
    """The list entry of a person, as HTML."""
    found = re.findall(r'<li class="person">.*?</li>', response.content.decode(), re.S)
    return next(one for one in found if name in one and "late" in one)


def hour(session: Session, minute: int) -> str:
    return f"{moments.local(session.starts_at + timedelta(minutes=minute), session.timezone):%-H:%M}"


def test_the_closing_page_names_the_late_also_where_nothing_waits(host, session):
    response = see(host, "session-close", session)
    assert [row.person.key for row in response.context["late"]] == ["ange", "bruna"]
    assert [row.person.key for row in response.context["unseen"]] == ["bruna"]
    ange, bruna = entry(response, "Ange Esquisse"), entry(response, "Bruna Schizzo")
    assert f", {hour(session, 40)}" in ange
    assert "replayed after a cut, counted" in ange
    assert "<button" not in ange, "what counts by itself needs no confirmation"
    assert f", {hour(session, 45)}" in bruna
    assert "<button" in bruna
    assert "2 people whose presence was reported late" in words(response)
    assert "1 person with minutes that nobody saw" in words(response)


def test_the_closing_page_says_nothing_of_lateness_where_there_is_none(host, elia, clock):
    plain = cast.make_session(elia)
    clock.at(plain.starts_at)
    sessions.open_(session=plain, by=elia)
    response = see(host, "session-close", plain)
    assert "late" not in words(response)
    assert 'id="unseen"' not in response.content.decode()


def test_the_sheet_marks_the_late_and_explains_the_mark_in_both_languages(host, session, settings):
    response = see(host, "session-sheet", session)
    heads = re.findall(r'<th scope="row">(.*?)</th>', response.content.decode(), re.S)
    marked = {re.sub(r"<.*", "", one): "<sup>6</sup>" in one for one in heads}
    assert marked == {"Ange Esquisse": True, "Bruna Schizzo": True, "Elia Prova": False}
    for tongue, notes in footnotes.notes(response.context["sheet"]):
        assert len(notes) == 6
        with translation.override(tongue):
            expected = _(
                "Reported late: this person's page told of her presence more than %(minutes)s minutes after it "
                "happened."
            ) % {"minutes": settings.REPLAY_LATE_MINUTES}
        assert notes[5] == expected
        assert " ".join(expected.split()) in words(response)


def test_a_sheet_without_lateness_has_neither_mark_nor_note(host, elia, clock):
    plain = cast.make_session(elia)
    clock.at(plain.starts_at)
    sessions.open_(session=plain, by=elia)
    response = see(host, "session-sheet", plain)
    assert "<sup>6</sup>" not in response.content.decode()
    assert [len(notes) for _tongue, notes in response.context["notes"]] in ([5], [5, 5])


def cells(response: HttpResponse) -> dict[str, dict[str, str]]:
    head, *rows = csv.reader(io.StringIO(response.content.decode()[1:], newline=""), delimiter=";")
    return {row[1]: dict(zip(head, row, strict=True)) for row in rows}


def test_the_csv_has_when_it_was_told_and_what_arrived_after_the_closing(host, session, ange, clock):
    closed = close(session, clock)
    claim(closed, ange, 95, 30, 32)
    rows = cells(take(host, "session-sheet-csv", closed))
    told = moments.local(closed.starts_at + timedelta(minutes=95), closed.timezone)
    assert rows["Ange Esquisse"]["Reported late"] == told.isoformat(timespec="seconds")
    assert rows["Ange Esquisse"]["Minutes arrived after the closing"] == "2"
    assert rows["Ange Esquisse"]["Minutes counted"] == "9"
    assert rows["Elia Prova"]["Reported late"] == ""
    assert rows["Bruna Schizzo"]["Minutes arrived after the closing"] == "0"


def test_a_closed_sheet_says_what_arrived_since_and_the_session_page_leads_there(host, session, ange, clock):
    closed = close(session, clock)
    assert "after the closing" not in words(see(host, "session-sheet", closed))
    assert "after the closing" not in words(see(host, "session", closed))
    claim(closed, ange, 95, 30, 32)
    response = see(host, "session-sheet", closed)
    (row,) = [row for row in response.context["sheet"].rows if row.person == ange]
    assert (row.minutes_without, row.minutes) == (7, 9)
    (pair,) = response.context["arrivals"]
    for _tongue, sentence in pair:
        assert "Ange Esquisse" in sentence
        assert {"7", "9"} <= set(re.findall(r"\d+", sentence))
        assert " ".join(sentence.split()) in words(response)
    assert "2 minutes of presence arrived after the closing." in words(see(host, "session", closed))


def test_a_guest_is_not_told_what_arrived(client, session, ange, bruna, clock):
    closed = close(session, clock)
    claim(closed, ange, 95, 30, 32)
    assert "after the closing" not in words(see(cast.signed_in(client, bruna), "session", closed))


OURS = (attendance.SEEN_IN_VIDEO, *walk_ins.OWN_REASONS)


def test_reasons_that_we_write_ourselves_are_known() -> None:
    assert set(reasons.OWN) == set(OURS)


@pytest.mark.parametrize("ours", OURS)
@pytest.mark.parametrize("language", ["fr", "it"])
def test_our_own_reasons_are_said_in_the_readers_language_wherever_they_stand(
    session: Session, elia: Person, ange: Person, ours: str, language: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether or not the catalogue holds the words yet: what is asked of it is what is shown."""
    monkeypatch.setattr(reasons, "gettext", lambda text: f"<{text}>")
    data = {"times": []}
    for reason in (ours, "Somebody's own words"):
        fact = {"kind": "corrected", "source": "trainer", "at": moments.now(), "slot_number": 1, "data": data}
        ledger.append(session=session, person=ange, author=elia, reason=reason, **fact)
    whole = sheet(session)
    with translation.override(language):
        shown = {
            "foot": footnotes.declarations(whole),
            "desk": [told.reason for told in deskwords.told(session, ange.pk)],
            "paper": papers.drawn("emargement", whole, language).facts,
        }
    for place, words in shown.items():
        assert f"<{ours}>" in str(words), place
        assert "<Somebody" not in str(words), place
