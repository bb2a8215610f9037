"""One's own archive holds every row of hers and nothing of anybody else (E-03)."""

import json

import pytest
from django.core.serializers import serialize

from seminars.models import ApiToken, CalendarKey, Person, PresenceEvent
from seminars.queries import owndata
from seminars.queries.holdings import HOLDINGS, references
from tests.difficult import MINUTES
from tests.keepsakes import scatter, sealed_difficult, sealing_at

pytestmark = pytest.mark.django_db


@pytest.fixture
def made(tmp_path, settings):
    sealing_at(tmp_path, settings)
    made = sealed_difficult()
    for key in ("ange", "bruna", "elia", "giulia"):
        scatter(made[0].session, made[0].people[key], made[0].people["camille"])
    return made


def text(found):
    return json.dumps(found, ensure_ascii=False)


@pytest.mark.parametrize("key", ["ange", "elia", "giulia", "walter", "camille"])
def test_every_row_of_hers_is_in_it(made, key):
    person = made[0].people[key]
    found = owndata.everything(person)["rows"]
    counts = {name: len(rows) for name, rows in found.items()}
    assert counts == {
        name: model._base_manager.filter(**{field: person}).count() for name, model, field in references()
    }
    assert counts.keys() == HOLDINGS.keys()


@pytest.mark.parametrize("key", ["ange", "elia", "giulia", "francesca", "walter", "camille"])
def test_nobody_else_is_in_it(made, key):
    person = Person.objects.get(pk=made[0].people[key].pk)
    said = text(owndata.everything(person))
    assert person.name in said
    for other in Person.objects.exclude(pk=person.pk):
        for trace in (other.name, other.email, other.code, other.salt):
            assert not trace or trace not in said, (other.name, trace)


def test_no_key_is_in_it_that_opens_something(made):
    ange = made[0].people["ange"]
    said = text(owndata.everything(ange))
    for model in (CalendarKey, ApiToken):
        assert model.objects.get(person=ange).key_hash not in said
    assert "To: her" not in said


def test_a_canary_in_each_table_comes_along(made):
    ange = made[0].people["ange"]
    hers = [
        serialize("json", model._base_manager.filter(**{field: ange})).count("canary")
        for name, model, field in references()
        if HOLDINGS[name].is_hers
    ]
    assert sum(hers) >= 6
    assert text(owndata.everything(ange)["rows"]).count("canary") == sum(hers)


def test_her_minutes_and_her_line_of_the_sealed_sheet_are_in_it(made):
    people = made[0].people
    for key in ("ange", "daniele", "giulia"):
        found = owndata.everything(people[key])
        assert [each["minutes"] for each in found["minutes"]] == [sum(MINUTES[key])]
        (sheet,) = found["sealed_sheets"]
        assert [line["name"] for line in sheet["you"]] == [people[key].name]
        assert [line["minutes"] for line in sheet["rows"]] == [sum(MINUTES[key])]
        assert found["kept_lists"][0]["name"] == people[key].name


def test_what_was_asked_about_substitutes_comes_from_both_sides(made):
    people = made[0].people
    asked = owndata.everything(people["francesca"])["substitutions"]
    named = owndata.everything(people["giulia"])["substitutions"]
    assert (len(asked["asked"]), len(asked["named"])) == (1, 0)
    assert (len(named["asked"]), len(named["named"])) == (0, 1)
    assert named["named"][0]["email"] == people["giulia"].email


def test_many_events_cost_no_query_each(made, django_assert_max_num_queries):
    ange = made[0].people["ange"]
    assert PresenceEvent.objects.filter(person=ange).count() > 5
    with django_assert_max_num_queries(len(HOLDINGS) + 5):
        owndata.rows(ange)
