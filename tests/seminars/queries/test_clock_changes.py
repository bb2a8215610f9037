"""Whole sessions in the nights in which the clocks change: what has passed counts."""

import uuid
from datetime import datetime, timedelta

import pytest

from seminars import moments
from seminars.actions import ledger, sessions
from seminars.moments import as_if
from seminars.queries.sheets import sheet
from tests import cast


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("day", "planned"), [((2027, 3, 28), 90), ((2027, 10, 31), 210), ((2027, 1, 21), 150)]
)
def test_a_night_in_which_the_clock_changes_counts_what_has_passed(elia, ange, day, planned):
    """From 1:30 to 4:00 on the wall; she is there from the beginning to an hour and a quarter before the end."""
    start = datetime(*day, 1, 30)
    session = cast.make_session(elia, start, 150)
    cast.invite(session, ange)
    assert moments.local(session.ends_at, "Europe/Paris").hour == 4
    with as_if(session.starts_at):
        session = sessions.open_(session=session, by=elia)
    line_ = uuid.uuid4()
    for kind, when in (("joined", session.starts_at), ("left", session.ends_at - timedelta(minutes=75))):
        with as_if(when):
            ledger.append(
                session=session, person=ange, kind=kind, source="companion", at=when, connection=line_
            )
    with as_if(session.ends_at):
        session = sessions.close(session=session, by=elia)
    found = sheet(session)
    row = next(row for row in found.rows if row.person == ange)
    assert (found.planned, found.held) == (planned, planned)
    assert (row.minutes, row.percent) == (planned - 75, (planned - 75) * 100 // planned)
