"""Erasure beside whoever writes at the same moment: no name comes back, and nobody waits for ever.

On SQLite the database is held as a whole; PostgreSQL is where these orders matter.
"""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection

from seminars.actions import certificates, correcting, erasure, sealing
from seminars.evidence import chain
from seminars.models import Certificate, ErasureRequest, Person, SealedSheet, Session
from seminars.moments import as_if
from seminars.queries import certified, sealed
from seminars.vocabulary import Certified, Role
from tests.difficult import difficult, hour
from tests.keepsakes import explain, sealed_difficult, sealing_at

pytestmark = pytest.mark.django_db(transaction=True)
LATER = hour(12) + timedelta(days=100)
only_where_rows_are_held = pytest.mark.skipif(
    "connection.vendor == 'sqlite'", reason="SQLite has one writer: these two can't be at work together"
)


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    sealing_at(tmp_path, settings)


def beside(*acts: Callable[[], Any]) -> list[Exception]:
    faults: list[Exception] = []

    def run(act: Callable[[], Any]) -> None:
        try:
            with as_if(LATER):
                act()
        except Exception as fault:  # told by the assertion of the test
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return faults


def public(made):
    Session.objects.filter(pk=made.session.pk).update(retention=["public"])


def erased(person) -> Callable[[], Any]:
    return lambda: erasure.ask(person=Person.objects.get(pk=person.pk))


def outsider() -> Person:
    """She may seal, stands on no sheet before, and has a salt of other days."""
    told = {
        "salt": chain.new_salt(),
        "email": "outside@example.org",
        "name": "Outi Fuori",
        "role": Role.COORDINATOR,
    }
    return Person.objects.create(key="outside", **told)


def names() -> set[str]:
    return {told["name"] for made in SealedSheet.objects.all() for told in made.people.values()}


def test_two_who_are_erased_at_once_both_leave_the_sheet(monkeypatch):
    made, _sheet = sealed_difficult()
    public(made)
    leave = erasure._leave_sheets
    monkeypatch.setattr(erasure, "_leave_sheets", lambda person: (leave(person), time.sleep(0.5)))
    faults = beside(erased(made.people["ange"]), erased(made.people["bruna"]))
    assert faults == []
    assert not names() & {"Ange Esquisse", "Bruna Schizzo"}
    assert ErasureRequest.objects.exclude(erased_at=None).count() == 2


@only_where_rows_are_held
def test_who_corrects_a_session_and_who_is_erased_from_it_do_not_block_one_another(monkeypatch):
    made, _sheet = sealed_difficult()
    public(made)
    leave, ange, elia = erasure._leave_sheets, made.people["ange"], made.people["elia"]
    is_there = threading.Event()

    def slowly(person: Person) -> None:
        is_there.set()
        time.sleep(1)
        leave(person)

    def correct() -> None:
        is_there.wait(10)
        given = {"slot_number": 1, "times": [], "reason": "Counted twice"}
        correcting.replace_times(session=made.session, person=ange, by=elia, **given)

    monkeypatch.setattr(erasure, "_leave_sheets", slowly)
    assert not [fault for fault in beside(erased(ange), correct) if isinstance(fault, DatabaseError)]
    assert "Ange Esquisse" not in names()


def _in_the_middle(monkeypatch, module, name, other) -> Callable[[], Any]:
    """`other` begins while `module.name` is at work."""
    real, is_there = getattr(module, name), threading.Event()

    def slowly(*args: Any, **more: Any) -> Any:
        found = real(*args, **more)
        is_there.set()
        time.sleep(1)
        return found

    monkeypatch.setattr(module, name, slowly)
    return lambda: (is_there.wait(20), other())


@only_where_rows_are_held
@pytest.mark.parametrize("who", ["one of it", "who seals it from outside"])
def test_a_sheet_that_is_being_sealed_is_left_once_it_is(monkeypatch, who):
    made = difficult()
    public(made)
    person = made.people["ange"] if who == "one of it" else outsider()
    by = made.people["elia"] if who == "one of it" else person
    with as_if(hour(18)):
        explain(made.session, made.people["elia"])
    then = _in_the_middle(monkeypatch, sealed, "content_of", erased(person))
    assert beside(lambda: sealing.seal(session=made.session, by=by), then) == []
    assert person.name not in names()


@only_where_rows_are_held
def test_a_certificate_that_is_being_made_is_emptied_once_it_is(monkeypatch):
    made, _sheet = sealed_difficult()
    public(made)
    ange = made.people["ange"]
    then = _in_the_middle(monkeypatch, certified, "facts", erased(ange))
    given = {"person": ange, "kind": Certified.ATTESTATO, "session": made.session}
    assert beside(lambda: certificates.issue(by=made.people["elia"], **given), then) == []
    assert [(each.facts, each.person) for each in Certificate.objects.all()] == [({}, None)]


def test_who_seals_from_outside_the_team_waits_as_long_as_the_sheet():
    made, person = difficult(), outsider()
    with as_if(hour(18)):
        explain(made.session, made.people["elia"])
        sealing.seal(session=made.session, by=person)
        request = erasure.ask(person=person)
    assert request.erased_at is None
    assert "Outi Fuori" in names()
