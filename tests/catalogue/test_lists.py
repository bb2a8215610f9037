"""Catalogue B-05: long lists and a long feed cost the same number of queries whatever they hold."""

import time
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seminars import keys
from seminars.actions import people
from seminars.models import CalendarKey, Invitation, Person, Session, Slot, TeamMember
from seminars.models.sessions import new_uid
from seminars.moments import now
from tests import cast
from tests.api.calls import script
from tests.catalogue.served import FULL

Note = Callable[..., None]
FEW, MANY, GUESTS = (50, 500, 30) if FULL else (20, 120, 5)
EVENTS = 2000 if FULL else 400


def planted(by: Person, count: int, guests: list[Person]) -> list[Session]:
    """So many sessions from tomorrow on, one each two hours, with everybody invited; written in bulk."""
    first = cast.make_session(by, is_public=True)
    made = []
    for number in range(1, count):
        copy = Session.objects.get(pk=first.pk)
        copy.pk, copy.code, copy.uid, copy.room = None, keys.new_code(), new_uid(), str(uuid.uuid4())
        copy.starts_at += timedelta(hours=2 * number)
        copy.ends_at += timedelta(hours=2 * number)
        made.append(copy)
    made = [first, *Session.objects.bulk_create(made)]
    Slot.objects.bulk_create(
        Slot(session=each, number=1, starts_at=each.starts_at, ends_at=each.ends_at) for each in made[1:]
    )
    TeamMember.objects.bulk_create(TeamMember(session=each, person=by, role="trainer") for each in made[1:])
    Invitation.objects.bulk_create(
        Invitation(session=each, person=one, invited_by=by, invited_at=now())
        for each in made
        for one in guests
    )
    return made


def asked(call: Callable[[], Any]) -> tuple[Any, int, float]:
    """An answer, its queries, its seconds."""
    began = time.monotonic()
    with CaptureQueriesContext(connection) as queries:
        answer = call()
    return answer, len(queries), time.monotonic() - began


@pytest.mark.django_db
def test_b05_a_long_list_asks_as_often_as_a_short_one(elia: Person, figures: Note) -> None:
    guests = [cast.person(f"pro{n}", f"Pro {n}") for n in range(GUESTS)]
    caller, browser = script(elia), cast.signed_in(Client(), elia)
    calls: dict[str, Callable[[], Any]] = {
        "api": lambda: caller.get("sessions/?page_size=200"),
        "programme": lambda: browser.get(reverse("programme")),
        "today": lambda: browser.get(reverse("today")),
    }
    planted(elia, FEW, guests)
    for call in calls.values():
        call()  # what is read once per process
    few = {name: asked(call) for name, call in calls.items()}
    planted(elia, MANY - FEW, guests)
    many = {name: asked(call) for name, call in calls.items()}
    for name in calls:
        figures(
            **{f"{name}_queries": f"{few[name][1]} and {many[name][1]}", f"{name}_seconds": many[name][2]}
        )
        assert {few[name][0].status_code, many[name][0].status_code} == {200}
    assert len(many["api"][0].json()["results"]) == min(200, MANY)
    assert [name for name in calls if few[name][1] != many[name][1] or many[name][1] > 12] == []


@pytest.mark.django_db
def test_b05_a_feed_of_two_thousand_events_is_written_in_few_queries(
    elia: Person, ange: Person, figures: Note
) -> None:
    planted(elia, EVENTS, [ange])
    made, key = people.make_calendar_key(person=ange, name="phone")
    CalendarKey.objects.filter(pk=made.pk).update(
        last_used_at=now()
    )  # the note of use, once an hour, is no reading
    feed = reverse("calendar-feed", args=[key])
    first, queries, seconds = asked(lambda: Client().get(feed))
    again, fewer, _ = asked(lambda: Client().get(feed, headers={"If-None-Match": first.headers["ETag"]}))
    found = first.content.count(b"BEGIN:VEVENT")
    figures(events=found, queries=queries, seconds=seconds, again_queries=fewer)
    assert (first.status_code, again.status_code) == (200, 304)
    assert found == EVENTS
    assert queries <= 6
    if FULL:
        assert seconds < 1.5
    assert fewer <= 3
