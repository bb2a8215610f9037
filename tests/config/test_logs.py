"""No line of a log holds a key or an address, nor does the traceback that follows it."""

import io
import logging
from collections.abc import Iterator

import pytest

from config.logs import MaskSecrets

KEY = "k7Qm2xV9pLr4Ts8Wz1Yb6Nc3"


@pytest.fixture
def written() -> Iterator[tuple[logging.Logger, io.StringIO]]:
    """A logger of its own that writes as settings.LOGGING says, and what it wrote."""
    stream, log = io.StringIO(), logging.Logger("masked")
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("{levelname} {message}", style="{"))
    handler.addFilter(MaskSecrets())
    log.addHandler(handler)
    yield log, stream
    handler.close()


def test_a_line_keeps_its_words_and_loses_its_secrets(written: tuple[logging.Logger, io.StringIO]) -> None:
    log, stream = written
    log.warning("Not Found: %s for %s", f"/i/{KEY}/room/", "ange@example.org")
    assert stream.getvalue() == "WARNING Not Found: /i/<key>/room/ for <address>\n"


def test_a_traceback_loses_its_secrets_too(written: tuple[logging.Logger, io.StringIO]) -> None:
    log, stream = written
    try:
        try:
            raise ValueError(f"no such address: /calendar/{KEY}.ics")
        except ValueError as fault:
            raise RuntimeError("asked by ange@example.org") from fault
    except RuntimeError:
        log.exception("a request of ange@example.org failed", stack_info=True)
    text = stream.getvalue()
    assert KEY not in text
    assert "ange@example.org" not in text
    for kept in (
        "ValueError: no such address: /calendar/<key>",
        "asked by <address>",
        "Traceback",
        "Stack (",
    ):
        assert kept in text
