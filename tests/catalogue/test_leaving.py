"""Catalogue D-08 and D-11: whoever leaves, and what the API shows beside its JSON.

Of D-08 the deliveries that are queued for webhooks belong to the stage that brings webhooks.
"""

from typing import Any

import pytest
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from seminars.actions import people
from seminars.models import Organisation, Person, Session
from tests import cast
from tests.api.calls import Script, script
from tests.realtime.lines import aside, companion

# --- D-08: a trainer leaves the organisation ----------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
async def test_d08_whoever_leaves_keeps_no_feed_no_token_no_page_and_no_open_line(
    elia: Person, clock: cast.Clock
) -> None:
    session = await aside(cast.make_session, by=elia)
    clock.at(session.starts_at)
    _, address = await aside(people.make_calendar_key, person=elia, name="phone")
    _, key = await aside(people.make_api_token, person=elia, name="script", may_write=True)
    await aside(cache.clear)
    page = await aside(cast.signed_in, client=Client(), someone=elia)

    def doors() -> list[int]:
        feed = Client().get(reverse("calendar-feed", args=[address]))
        answers = [feed, Script(key).get("sessions/"), page.get(reverse("today"))]
        return [answer.status_code for answer in answers]

    assert await aside(doors) == [200, 200, 200]
    async with companion(session.code, elia, query="as=host") as host:
        await aside(people.suspend, person=elia)
        assert await host.is_closed_with() == 4401
    assert await aside(doors) == [410, 401, 302]


# --- D-11: nothing but JSON, and no choices -----------------------------------------------------------------


@pytest.fixture
def paths(elia: Person, bruna: Person) -> list[str]:
    session: Session = cast.make_session(elia)
    cast.invite(session, bruna)
    one = f"sessions/{session.code}/"
    return [
        "sessions/",
        one,
        f"{one}invitations/",
        f"{one}attendance/",
        "organisations/",
        "schema/",
        "absent/",
    ]


def is_json(answer: Any) -> bool:
    return answer.headers["Content-Type"].partition(";")[0] in (
        "application/json",
        "application/problem+json",
    )


@pytest.mark.django_db
def test_d11_whoever_asks_for_a_page_of_the_api_gets_json_or_406(
    settings: Any, elia: Person, paths: list[str]
) -> None:
    assert not settings.DEBUG
    caller = script(elia)
    for path in paths:
        asked = caller.get(path, headers={"Accept": "text/html"})
        assert asked.status_code in (404, 406), path
        for answer in (asked, caller.get(f"{path}?format=admin"), caller.get(f"{path}?format=api")):
            assert is_json(answer), path
            assert b"<html" not in answer.content.lower(), path


@pytest.mark.django_db
def test_d11_options_shows_no_fields_and_nobody_elses_choices(
    elia: Person, dominique: Person, paths: list[str]
) -> None:
    foreign = cast.make_session(dominique)
    names = [*Organisation.objects.values_list("name_fr", flat=True), dominique.name, foreign.code]
    for path in [*paths, f"sessions/{foreign.code}/"]:
        for caller in (script(elia), Script()):
            answer = caller.send("options", path)
            assert answer.status_code in (401, 403, 404, 405), path
            assert is_json(answer), path
            told = answer.content.decode()
            assert [name for name in (*names, "actions", "choices") if name in told] == [], path
