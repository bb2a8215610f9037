"""Each reference to a person is in the table that her archive and her erasure follow."""

from seminars.models import Organisation, Person
from seminars.queries.holdings import HOLDINGS, references


def named(table=HOLDINGS):
    return {name for name, _model, _field in references()} ^ table.keys()


def test_every_reference_to_a_person_is_in_the_table():
    assert named() == set()


def test_a_reference_that_nobody_thought_of_is_found():
    assert named({name: held for name, held in HOLDINGS.items() if name != "Lease.person"}) == {
        "Lease.person"
    }


def test_a_reference_is_found_whatever_its_kind():
    found = {name for name, _model, _field in references()}
    assert {"Group.people", "Letter.person", "Session.created_by"} <= found
    hidden = [each.related_model for each in Person._meta.get_fields(include_hidden=True) if each.is_relation]
    tables = {
        model.__name__ for model in hidden if model is not Organisation and not model._meta.auto_created
    }
    assert {name.partition(".")[0] for name in found} == tables
