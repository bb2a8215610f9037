"""The writer of presence, beside the driver that writes the same rows and knows no rules."""

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
