"""Invitations to a mail server that keeps nothing, beside bytes that were built before and beside Django's own way."""

from collections.abc import Iterator
from contextlib import contextmanager

from bench.children import address, child, pin
from bench.deployments import deployment, figures
from bench.rows import Row, compared, missing

SEND, DEFAULT, OUTBOX = "mail.send", "mail.send.default", "mail.outbox"
GOALS = {SEND: ">= 0.7", DEFAULT: ">= 6", OUTBOX: ""}
UNIT = "invitations/s over one connection"


@contextmanager
def sink() -> Iterator[dict[str, str]]:
    """The environment that has mails go there; on the core that the sender leaves free."""
    with child("-m", "bench.sink") as process:
        pin(process.pid, -1)
        host, port = address(process)
        yield {"EMAIL_URL": f"smtp://{host}:{port}"}


def measured(mode: str, database: str, count: int, runs: int) -> dict[str, list[float]]:
    with deployment(database) as environment, sink() as more:
        return figures("bench.posting", mode, count, runs, **environment, **more)


def send(quick: bool) -> list[Row]:
    count, runs = (100, 1) if quick else (1500, 3)
    try:
        found = measured("send", "sqlite", count, runs)
    except RuntimeError as reason:
        return [missing(name, "", GOALS[name], str(reason), count) for name in (SEND, DEFAULT)]
    return [
        compared(SEND, "", "", count, found["ours"], found["prebuilt"], GOALS[SEND], UNIT),
        compared(
            DEFAULT, "", "", count, found["ours"], found["default"], GOALS[DEFAULT], f"{UNIT} / one each"
        ),
    ]


def outbox(quick: bool) -> list[Row]:
    """The whole way: claimed, bytes kept, sent, noted one by one."""
    count, runs = (100, 1) if quick else (1500, 3)
    rows = []
    for database in ("sqlite", "postgres"):
        try:
            found = measured("outbox", database, count, runs)
        except RuntimeError as reason:
            rows.append(missing(OUTBOX, "", GOALS[OUTBOX], str(reason), count, database))
            continue
        rows.append(
            compared(OUTBOX, "", database, count, found["ours"], found["prebuilt"], GOALS[OUTBOX], UNIT)
        )
    return rows
