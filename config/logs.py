"""What a log line holds: when, what, for which request, socket, session; no key of a link, no address of a person."""

import json
import logging
import re
from datetime import UTC, datetime
from typing import Any

from django.core.exceptions import SuspiciousOperation

from seminars import trace
from seminars.outage import is_away

MOST_LETTERS = 32_768
"""Of one message or traceback: what was sent to us may be in it, and every letter is looked at."""
SECRETS = re.compile(
    r"(?P<before>/(?:i|sign-in|calendar)/|\b(?:sessionid|csrftoken|csrfmiddlewaretoken|jwt)=|\bBearer )[\w.~-]{12,}"
    r"|(?P<room>/here/[\w%-]{1,40}/)[^\s/?\"]{1,200}"  # the code of the minute that a room shows
    r"|(?P<login>\b(?:AUTH\s+(?:PLAIN|LOGIN|XOAUTH2|CRAM-MD5)|Basic)\s+)[\w+/-]{6,}=*"  # both words in base64
    r"|(?P<phrase>(?<![a-z0-9])pass(?:word|wd|phrase)s?[\"']?\s*[:=]\s*)"  # blanks may be in it
    r"(?![<\"'\s])(?:(?!\s[\w.-]{1,30}=)[^\"',;&}\]\r\n]){1,400}"
    r"|(?P<name>(?<![a-z0-9])(?:secret|password|passwd|token|number|cookie)s?[\"']?\s*[:=]\s*)"
    r"(?!<)(?:\"[^\"]{0,2000}\"?|'[^']{0,2000}'?|[^\s\"',;&}\]]+)"
    r"|(?<=://)[^\s/:]{0,200}:[^\s\"'<>]{1,400}(?=@)"  # the password in a URL of a server, written raw too
    r"|\b[a-z0-9]{12}\.[\w-]{20,}"  # a derived key, wherever it stands
    r"|[\w-]{40,}",  # a random one
    re.IGNORECASE,
)
ADDRESSES = re.compile(
    r"[\w.!#$%&*+/=?^`{|}~-]{1,64}(?:@|%40)(?:\[[\w.:]{2,60}\]|[\w-]{1,63}(?:\.[\w-]{1,63}){0,8})"
)
CONTROLS = re.compile(r"[\x00-\x1f\x7f\x85\u2028\u2029]")
_formatter = logging.Formatter()


def masked(text: str) -> str:
    hidden = SECRETS.sub(_hidden, text[-MOST_LETTERS:])
    return ADDRESSES.sub("<address>", hidden)


def _hidden(found: re.Match[str]) -> str:
    kept = found["before"] or found["room"] or found["login"] or found["phrase"] or found["name"] or ""
    return f"{kept}<key>"


def on_one_line(text: str) -> str:
    """What somebody sent can't begin a line of its own."""
    return CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


class MaskSecrets(logging.Filter):
    """Replaces keys and mail addresses before a line is written, and in the traceback that follows it: an error
    quotes what it was given."""

    def filter(self, record: logging.LogRecord) -> bool:
        record.msg, record.args = on_one_line(masked(record.getMessage())), ()
        if record.exc_info and not record.exc_text:
            record.exc_text = _formatter.formatException(record.exc_info)
        if record.exc_text:
            record.exc_text = masked(record.exc_text)
        if record.stack_info:
            record.stack_info = masked(record.stack_info)
        return True


class Shorten(logging.Filter):
    """What is no fault of the program is one line and no traceback: a database that is away, a request that nobody
    could read (a body too large, a host name that is not ours)."""

    def filter(self, record: logging.LogRecord) -> bool:
        fault = record.exc_info[1] if record.exc_info else None
        if isinstance(fault, SuspiciousOperation):
            record.exc_info = record.exc_text = None
        elif is_away(fault):
            record.msg, record.args = f"{record.getMessage()}: the database is away ({fault})", ()
            record.exc_info = record.exc_text = None
        return True


def doing() -> dict[str, str]:
    """For which request, socket and session; a socket's session is a word of its address, which anybody writes."""
    return {name: _plain(words) for name, words in trace.doing().items()}


def _plain(words: str) -> str:
    is_ours = len(words) <= 16 and words.isalnum()
    return words if is_ours else on_one_line(masked(words[:40]))


class Line(logging.Formatter):
    """For people: `2031-03-11 09:00:00,000 WARNING web.errors [request 1f… session k3…] words`.

    The lines of a traceback are indented: what an error quotes can't pass for a line of its own.
    """

    def __init__(self) -> None:
        super().__init__("{asctime} {levelname} {name} {where}{message}", style="{")

    def format(self, record: logging.LogRecord) -> str:
        names = " ".join(f"{name} {words}" for name, words in doing().items())
        record.where = f"[{names}] " if names else ""
        return "\n    ".join(on_one_line(line) for line in super().format(record).split("\n"))


class Structured(logging.Formatter):
    """For programs: one JSON object a line with `at` (UTC), `level`, `logger`, `message`, and where they are known
    `request`, `socket`, `session`, `error` (the traceback), and whatever the line gave as `extra={"facts": {…}}`."""

    def formatTime(self, record: logging.LogRecord, datefmt: str | None = None) -> str:
        return datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, Any] = {
            "at": self.formatTime(record),
            "level": record.levelname,
            "logger": record.name,
        }
        line |= {"message": record.getMessage(), **doing()}
        for name, fact in getattr(record, "facts", {}).items():
            line[name] = masked(fact) if isinstance(fact, str) else fact
        if record.exc_info and not record.exc_text:
            record.exc_text = masked(_formatter.formatException(record.exc_info))
        if record.exc_text:
            line["error"] = record.exc_text
        if record.stack_info:
            line["stack"] = record.stack_info
        return json.dumps(line, ensure_ascii=False, default=str)
