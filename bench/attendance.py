"""The writer of presence beside the bare driver, and the sheet of a long ledger beside reading its rows."""

from bench.deployments import deployment, figures
from bench.rows import Row, compared, missing

NAME = "attendance.write"
GOALS = {"sqlite": ">= 0.5", "postgres": ">= 0.4"}
UNIT = "acknowledged messages/s, one join to nine beats"


def write(quick: bool) -> list[Row]:
    clients, runs = (200, 1) if quick else (2000, 3)
    rows = []
    for database, goal in GOALS.items():
        try:
            with deployment(database) as environment:
                found = figures("bench.writes", clients, runs, **environment)
        except RuntimeError as reason:
            rows.append(missing(NAME, "", goal, str(reason), clients, database))
            continue
        rows.append(compared(NAME, "", database, clients, found["ours"], found["floor"], goal, UNIT))
    return rows


RECOUNT = "attendance.recount"
RECOUNT_GOAL = {"sqlite": ">= 0.4", "postgres": ">= 0.3"}


def recount(quick: bool) -> list[Row]:
    """The whole sheet of a session of 500 people; the ratio is the cost of reading over the cost of the sheet."""
    events, runs = (4000, 1) if quick else (100_000, 5)
    rows = []
    for database, goal in RECOUNT_GOAL.items():
        try:
            with deployment(database) as environment:
                found = figures("bench.recount", events, runs, **environment)
        except RuntimeError as reason:
            rows.append(missing(RECOUNT, "", goal, str(reason), events, database))
            continue
        unit, costs = "CPU seconds of one sheet", (found["ours"], found["floor"])
        rows.append(compared(RECOUNT, "", database, events, *costs, goal, unit, inverse=True))
    return rows
