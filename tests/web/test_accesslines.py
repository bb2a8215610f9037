"""Lines of the feeds' lane: as every other line of a request, but written by the handful."""

import asyncio
import io
import json
import logging
import os
import re
import signal
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest

from config.logs import Line, MaskSecrets, Structured
from web import accesslines
from web.accesslines import Lines, log

ROOT = Path(__file__).resolve().parents[2]
FEED = "/calendar/public/fr.ics"
Written = tuple[logging.StreamHandler, io.StringIO]


@pytest.fixture(params=[Line, Structured])
def written(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[Written]:
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(request.param())
    handler.addFilter(MaskSecrets())
    monkeypatch.setattr(log, "propagate", False)
    monkeypatch.setattr(log, "level", logging.INFO)
    log.addHandler(handler)
    yield handler, stream
    log.removeHandler(handler)


def test_a_line_in_a_handful_is_the_line_that_the_log_would_write(written: Written) -> None:
    handler, stream = written
    seen = [
        (1798984800.25 + number * 0.4, "GET", path, status)
        for number, (path, status) in enumerate(
            [(FEED, 200), (FEED, 304), ("/calendar/<key>", 304), (FEED, 304)]
        )
    ]
    accesslines.write(handler, seen)
    together = stream.getvalue()
    stream.seek(0)
    stream.truncate()
    for one in seen:
        handler.handle(accesslines.record_of(one))
    assert together == stream.getvalue()
    assert len(together.splitlines()) == 4


def test_a_line_has_the_fields_of_every_request(written: Written) -> None:
    handler, stream = written
    accesslines.write(handler, [(1798984800.25, "GET", FEED, 304)])
    text = stream.getvalue()
    assert f"GET {FEED} 304 at once" in text
    if text.startswith("{"):
        line = json.loads(text)
        assert (line["method"], line["path"], line["status"], line["ms"]) == ("GET", FEED, 304, 0.0)
        assert (line["level"], line["logger"]) == ("INFO", "web.asking")
        assert line["at"] == "2027-01-03T14:00:00.250+00:00"


def test_lines_wait_for_others_and_leave_after_their_time(written: Written) -> None:
    lines = Lines()
    lines.seconds = 0.05

    async def asked() -> tuple[str, str]:
        lines.note("GET", FEED, 200)
        lines.note("GET", FEED, 304)
        before = written[1].getvalue()
        await asyncio.sleep(0.2)
        return before, written[1].getvalue()

    before, after = asyncio.run(asked())
    assert before == ""
    assert len(after.splitlines()) == 2


def test_a_full_handful_leaves_at_once_and_a_loop_that_ended_holds_up_nothing(
    written: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(accesslines, "MOST", 3)
    lines = Lines()
    lines.seconds = 0.05

    async def asked(times: int, wait: float = 0.0) -> int:
        for _ in range(times):
            lines.note("GET", FEED, 304)
        await asyncio.sleep(wait)
        return len(written[1].getvalue().splitlines())

    assert asyncio.run(asked(3)) == 3
    assert asyncio.run(asked(1)) == 3  # its loop ends before its time
    assert asyncio.run(asked(1, 0.2)) == 5


def test_without_an_access_log_nothing_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log, "level", logging.WARNING)
    log.manager._clear_cache()  # type: ignore[attr-defined]
    lines = Lines()
    lines.note("GET", FEED, 304)
    assert not lines.waiting
    monkeypatch.undo()
    log.manager._clear_cache()  # type: ignore[attr-defined]


@pytest.mark.parametrize("server", ["daphne", "uvicorn"])
def test_the_last_lines_are_written_when_the_process_is_told_to_stop(tmp_path: Path, server: str) -> None:
    (tmp_path / "static").mkdir()
    environment = os.environ | {
        "STATE_DIR": str(tmp_path),
        "SERVER": server,
        "WORKER": "off",
        "ACCESS_LOG_SECONDS": "600",
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    environment.pop("DATABASE_URL", None)
    words = [sys.executable, "manage.py"]
    subprocess.run([*words, "migrate", "--verbosity", "0"], cwd=ROOT, env=environment, check=True)
    subprocess.run(
        [
            *words,
            "shell",
            "-c",
            "from seminars.actions.feeds import touch_people; touch_people([], is_public=True)",
        ],
        cwd=ROOT,
        env=environment,
        check=True,
    )
    log_ = tmp_path / "log"
    with log_.open("w") as errors:
        process = subprocess.Popen(
            [*words, "serve", "--port", "0"],
            cwd=ROOT,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    try:
        assert process.stdout is not None
        port = next(found[1] for line in process.stdout if (found := re.search(r":(\d{4,5})", line)))
        asked = at_once = 0
        while at_once < 2 and asked < 500:  # a busy disk lets Django answer some more of them
            urllib.request.urlopen(f"http://127.0.0.1:{port}{FEED}").read()
            asked += 1
            at_once = asked - log_.read_text().count(f"GET {FEED} 200 ")
        assert " at once" not in log_.read_text()
        process.send_signal(signal.SIGTERM)
        process.stdout.read()  # to its end: nobody is left who could write
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()
    assert at_once == 2
    assert log_.read_text().count(f"GET {FEED} 200 at once") == 2
