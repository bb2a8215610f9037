"""Whoever is new becomes known by being named, whoever names her at the same moment too."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seminars.actions import groups, invitations, strangers
from seminars.exchange.address import Address
from seminars.models import Group, Organisation, Person
from seminars.vocabulary import Zone
from tests import cast

TWO_AT_ONCE = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
MANY = [Address(number, f"new{number}@example.org") for number in range(200)]


def at_once(*acts: Callable[[], object]) -> list[str]:
    """Runs them in as many threads, and returns what they raised."""
    faults: list[str] = []
    gate = threading.Barrier(len(acts))

    def run(act: Callable[[], object]) -> None:
        try:
            gate.wait()
            act()
        except Exception as fault:
            faults.append(f"{type(fault).__name__}: {fault}")
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return faults


@TWO_AT_ONCE
@pytest.mark.django_db(transaction=True)
def test_two_rounds_that_name_the_same_new_people_never_wait_for_each_other_for_ever(elia: Person) -> None:
    one, other = cast.make_session(elia), cast.make_session(elia)
    for _again in range(3):
        faults = at_once(
            lambda: invitations.invite(session=one, by=elia, addresses=MANY),
            lambda: invitations.invite(session=other, by=elia, addresses=MANY[::-1]),
        )
        assert faults == []
        assert one.invitations.count() == other.invitations.count() == len(MANY)
        assert Person.objects.filter(email__startswith="new").count() == len(MANY)
        Person.objects.filter(email__startswith="new").delete()


@TWO_AT_ONCE
@pytest.mark.django_db(transaction=True)
def test_two_groups_of_the_same_new_people_are_both_made(elia: Person) -> None:
    faults = at_once(
        lambda: groups.make(by=elia, name="One", addresses=MANY),
        lambda: groups.make(by=elia, name="Other", addresses=MANY[::-1]),
    )
    assert faults == []
    assert [group.people.count() for group in Group.objects.all()] == [len(MANY)] * 2


@TWO_AT_ONCE
@pytest.mark.django_db(transaction=True)
def test_a_review_sent_twice_at_once_invites_everybody_once(elia: Person) -> None:
    session = cast.make_session(elia)

    def send() -> None:
        invitations.invite(session=session, by=elia, addresses=MANY)

    assert at_once(send, send) == []
    assert session.invitations.count() == session.letters.count() == len(MANY)


@pytest.mark.django_db
def test_two_hundred_new_people_cost_a_handful_of_questions() -> None:
    with CaptureQueriesContext(connection) as asked:
        assert len(strangers.meet(MANY, country="FR")) == len(MANY)
    assert len(asked) < 10, "in batches, not one by one"


@pytest.mark.django_db
def test_who_is_known_stays_as_she_is_and_who_is_named_twice_is_one(ange: Person) -> None:
    met = strangers.meet(
        [
            Address(1, "Ange@Example.org", "Somebody Else", "it", "Ente"),
            Address(2, "new@example.it", "Luca Rossi"),
            Address(3, "NEW@example.it", "Another Name"),
        ],
        country="FR",
    )
    assert set(met) == {"ange@example.org", "new@example.it"}
    assert met["ange@example.org"] == ange
    ange.refresh_from_db()
    assert (ange.name, ange.language) == ("Ange Esquisse", "fr")
    luca = met["new@example.it"]
    assert (luca.name, luca.language, luca.timezone) == ("Luca Rossi", "it", Zone.ROME)
    assert not luca.has_usable_password()


@pytest.mark.django_db
@pytest.mark.parametrize("written", ["Association Élan", "association elan", "ASSOCIAZIONE ÉLAN", "fr-elan"])
def test_an_organisation_is_found_by_either_name_or_its_key_whatever_the_accents(written: str) -> None:
    names = {"name_fr": "Association Élan", "name_it": "Associazione Élan"}
    elan = Organisation.objects.create(key="fr-elan", country="FR", **names)
    met = strangers.meet([Address(1, "a@example.org", organisation=written)], country="IT")
    assert met["a@example.org"].organisation == elan
    assert met["a@example.org"].country == "FR", "as her organisation's"
