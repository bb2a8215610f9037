"""The database itself refuses to change or delete a presence event or a sealed sheet, but for what erasure takes."""

import copy
import uuid

import pytest
from django.apps import apps
from django.core.checks import Tags, run_checks
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models.signals import post_migrate, pre_migrate

from seminars.actions import attendance
from seminars.evidence import guards
from seminars.models import Certificate, PresenceEvent, SealedSheet, Session
from seminars.moments import as_if, now
from seminars.vocabulary import Certified
from tests import cast

pytestmark = pytest.mark.django_db

EVENTS, SHEETS, CERTIFICATES = "seminars_presenceevent", "seminars_sealedsheet", "seminars_certificate"


@pytest.fixture
def session(elia, ange):
    found = cast.make_session(elia)
    with as_if(found.starts_at):
        attendance.arrive(session=found, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    SealedSheet.objects.create(
        session=found,
        version=1,
        number=1,
        sealed_at=now(),
        sealed_by=elia,
        count=1,
        head="1" * 64,
        content={"format": "viso-sheet-1"},
        people={"a": {"name": "Ange"}},
        digest="2" * 64,
        previous="0" * 64,
        seal_hash="3" * 64,
        public_key="k",
        signature="s",
    )
    Certificate.objects.create(
        number="V-2026-0001",
        kind=Certified.ATTESTATO,
        person=ange,
        session=found,
        facts={"minutes": 170},
        digest="4" * 64,
        issued_at=now(),
    )
    return found


def refused(statement: str, words: str) -> None:
    """By a statement of its own, past all models."""
    with pytest.raises(DatabaseError, match=words), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


CHANGES = {
    EVENTS: ["kind = 'left'", "seq = 7", "data = '{}'", "hash = prev_hash", "reason = 'x'", "subject = 'x'"],
    SHEETS: ["content = '{}'", "count = 7", "head = 'x'", "digest = 'x'", "reason = 'x'", "signature = 'x'"],
    CERTIFICATES: [
        "number = 'x'",
        "issue = 7",
        "digest = 'x'",
        "signature = 'x'",
        "reason = 'x'",
        "code = 'x'",
    ],
}


@pytest.mark.parametrize(
    ("table", "change"), [(table, change) for table, found in CHANGES.items() for change in found]
)
def test_a_change_is_refused(session, table, change):
    if change == "data = '{}'":
        change = "data = '{\"late\": true}'"
    refused(f"UPDATE {table} SET {change}", f"{table}: rows are never changed")


@pytest.mark.parametrize("table", [EVENTS, SHEETS, CERTIFICATES])
def test_a_row_is_never_deleted(session, table):
    refused(f"DELETE FROM {table}", f"{table}: rows are never deleted")


@pytest.mark.parametrize("table", [EVENTS, SHEETS, CERTIFICATES])
def test_a_table_is_never_emptied(session, table):
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no TRUNCATE")
    connection.check_constraints()  # else references that are still to be checked would stand in its way
    refused(f"TRUNCATE {table} CASCADE", "rows are never deleted")


def test_nobody_takes_the_place_of_another(session, bruna):
    refused(f"UPDATE {EVENTS} SET person_id = {bruna.pk}", "rows are never changed")
    refused(f"UPDATE {SHEETS} SET sealed_by_id = {bruna.pk}", "rows are never changed")


def test_erasure_takes_who_it_was_and_nothing_more(session):
    PresenceEvent.objects.update(person=None, author=None)
    SealedSheet.objects.update(people={}, sealed_by=None)
    assert PresenceEvent.objects.get().person is None
    assert SealedSheet.objects.get().people == {}


def test_events_of_a_condensed_session_may_go_and_its_sheet_may_not(session):
    Session.objects.filter(pk=session.pk).update(condensed_at=now())
    PresenceEvent.objects.filter(session=session).delete()
    assert not PresenceEvent.objects.exists()
    refused(f"DELETE FROM {SHEETS}", "rows are never deleted")


def test_a_certificate_loses_its_facts_whole_and_is_withdrawn_once(session):
    refused(f"UPDATE {CERTIFICATES} SET facts = '{{\"minutes\": 1}}'", "rows are never changed")
    Certificate.objects.update(withdrawn_at=now(), reason="Taken back")
    later = Certificate.objects.filter(number="V-2026-0001")
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        later.update(withdrawn_at=None)
    with pytest.raises(DatabaseError, match="never changed"), transaction.atomic():
        later.update(reason="Another")
    later.update(facts={}, person=None)
    assert later.get().facts == {}


@pytest.mark.parametrize("table", [EVENTS, SHEETS, CERTIFICATES])
def test_a_row_is_never_replaced(session, table):
    if connection.vendor != "sqlite":
        pytest.skip("only SQLite can insert over a row")
    refused(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}", f"{table}: rows are never replaced")


def test_a_guard_that_is_missing_or_of_other_words_is_told_and_migrating_puts_it_up(session):
    assert guards.missing(connection) == []
    (first, *_rest) = guards.triggers(guards.EVENTS, connection.vendor)
    on = f" ON {EVENTS}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        cursor.execute(f"DROP TRIGGER {first}{on}")
    assert guards.missing(connection) == [first]
    told = run_checks(tags=[Tags.database], databases=["default"])
    assert [each.id for each in told] == ["viso.W003"]
    assert "viso.W003" not in [each.id for each in run_checks()]
    call_command("migrate", verbosity=0)
    assert guards.missing(connection) == []


@pytest.mark.django_db(transaction=True)
def test_a_later_migration_may_alter_a_guarded_table():
    """As `migrate` does: guards down before, up after; SQLite builds the table anew in between."""
    app = apps.get_app_config("seminars")
    for model, name in ((Session, "place"), (PresenceEvent, "reason"), (SealedSheet, "reason")):
        before = model._meta.get_field(name)
        after = copy.copy(before)
        after.null = True
        for old, new in ((before, after), (after, before)):
            pre_migrate.send(sender=app, app_config=app, verbosity=0, interactive=False, using="default")
            with connection.schema_editor() as editor:
                editor.alter_field(model, old, new)
            post_migrate.send(sender=app, app_config=app, verbosity=0, interactive=False, using="default")
            assert guards.missing(connection) == []
