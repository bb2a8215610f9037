"""A sheet becomes plain content without a name, and comes back as it was."""

import dataclasses
import json

import pytest
from django.utils import translation

from seminars.actions.ledger import subjects_of
from seminars.evidence import chain
from seminars.models import Explanation, Person, SealedSheet
from seminars.moments import as_if
from seminars.queries import sealed, sheets
from seminars.queries.frozen import identity
from tests.difficult import difficult, hour

pytestmark = pytest.mark.django_db


@pytest.fixture
def whole():
    made = difficult()
    Explanation.objects.create(
        session=made.session,
        finding=f"absent:{made.people['karim'].code}",
        reason="Fell ill",
        by=made.people["camille"],
        at=hour(17),
    )
    subjects_of([person.pk for person in made.people.values()])
    return sheets.sheet(made.session)


def contents(sheet):
    content, people = sealed.content_of(sheet, sealed.explanations_of(sheet.session))
    return json.loads(json.dumps(content)), people


def told(row):
    """A row as plain data, its person by what is known of her on the sheet, its half-days by number."""
    plain = {field.name: getattr(row, field.name) for field in dataclasses.fields(row)}
    return plain | {"person": (row.person.pk, row.person.code, row.person.name)}


def test_a_sheet_comes_back_as_it_was(whole):
    content, people = contents(whole)
    back = sealed.sheet_from(whole.session, content, people)
    assert [told(row) for row in back.rows] == [told(row) for row in whole.rows]
    assert [told(row) for row in back.withdrawn] == [told(row) for row in whole.withdrawn]
    hours = [
        (slot.number, slot.starts_at, slot.ends_at, slot.held_from, slot.held_to) for slot in whole.slots
    ]
    assert hours == [(s.number, s.starts_at, s.ends_at, s.held_from, s.held_to) for s in back.slots]
    but = {"rows": (), "withdrawn": (), "slots": ()}
    assert dataclasses.replace(back, **but) == dataclasses.replace(whole, **but)


def test_no_name_and_no_code_of_a_person_is_in_the_content(whole):
    content, people = contents(whole)
    text = chain.canonical(content).decode()
    for person in Person.objects.all():
        assert person.code not in text
        assert person.name not in text
        assert person.email not in text
    assert len(people) == len(whole.rows) + len(whole.withdrawn)


def test_the_content_holds_to_what_people_tells(whole):
    content, people = contents(whole)
    assert {subject: identity(entry) for subject, entry in people.items()} == content["people"]
    subjects = {row.subject for row in (*whole.rows, *whole.withdrawn)}
    assert subjects <= content["people"].keys()
    assert all(chain.commitment(each["salt"], each["code"]) == subject for subject, each in people.items())


def test_who_was_erased_stays_as_a_row_without_a_name(whole):
    content, people = contents(whole)
    gone = next(row for row in whole.rows if row.person.name == "Karim Maquette")
    del people[gone.subject]
    with translation.override("en"):
        back = sealed.sheet_from(whole.session, content, people)
    left = next(row for row in back.rows if row.subject == gone.subject)
    assert (left.person.name, left.person.pk, left.organisation_fr) == ("erased person", None, "")
    assert [row.minutes for row in back.rows] == [row.minutes for row in whole.rows]


def test_nobody_is_sealed_without_what_stands_for_her(whole):
    Person.objects.filter(code=whole.rows[-1].code).update(salt="")
    bare = sheets.sheet(whole.session)
    with pytest.raises(ValueError, match="salt"):
        contents(bare)


def test_before_the_first_seal_the_sheet_is_the_ledgers(whole):
    found = sealed.sheet_of(whole.session)
    assert (found.version, found.seal, found.is_changed) == (0, None, False)
    assert sealed.latest(whole.session) is None
    with pytest.raises(SealedSheet.DoesNotExist), as_if(hour(17)):
        sealed.sheet_of(whole.session, 1)
