"""What a batch asks of the database: rows by their keys, and no write that says nothing new."""

import re
import uuid
from collections.abc import Sequence

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from seminars.actions import sessions
from seminars.actions.connections import Beat, Join, Leave, Message, Receipt, keep
from seminars.models import Lease, Person, Presence, Session
from seminars.moments import as_if
from tests import cast

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia: Person) -> Session:
    session = cast.make_session(elia)
    with as_if(session.starts_at):
        return sessions.open_(session=session, by=elia)


def kept(session: Session, messages: Sequence[Message]) -> list[str]:
    """The statements by which messages were kept, all of them."""
    with (
        as_if(session.starts_at),
        CaptureQueriesContext(
            connection,
        ) as captured,
    ):
        assert all(isinstance(answer, Receipt) for answer in keep(messages))
    return [query["sql"] for query in captured.captured_queries]


def join(session: Session, person: Person) -> Join:
    return Join(session.pk, person.pk, uuid.uuid4(), uuid.uuid4())


@pytest.mark.skipif(connection.vendor != "sqlite", reason="its planner is held by the text of the statement")
def test_beats_find_their_lines_by_the_primary_key(session: Session, ange: Person, bruna: Person) -> None:
    joins = [join(session, person) for person in (ange, bruna)]
    kept(session, joins)
    beats = [Beat(each.session_id, each.person_id, each.connection) for each in joins]
    (renewal,) = [sql for sql in kept(session, beats) if sql.startswith(f"UPDATE {Lease._meta.db_table}")]
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {renewal}")
        plan = [row[-1] for row in cursor.fetchall()]
    assert [step for step in plan if "seminars_lease" in step] == [
        "SEARCH seminars_lease USING INDEX sqlite_autoindex_seminars_lease_1 (connection=?)"
    ]


def test_a_further_line_of_somebody_who_is_here_leaves_her_live_row_alone_and_her_return_changes_it(
    session: Session, ange: Person
) -> None:
    table, first = Presence._meta.db_table, join(session, ange)

    def written(message: Message) -> list[str]:
        statements = "\n".join(kept(session, [message]))
        return re.findall(rf"(INSERT INTO|UPDATE) {table} ", statements)

    assert written(first) == ["INSERT INTO"]
    second = join(session, ange)
    assert written(second) == []
    for line in (first, second):
        kept(session, [Leave(session.pk, ange.pk, line.connection, uuid.uuid4())])
    assert Presence.objects.get().left_at is not None
    assert written(join(session, ange)) == ["UPDATE"]
    assert Presence.objects.get().left_at is None
