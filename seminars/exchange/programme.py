"""The reader of programme files: bytes in, a checked `Programme` or a `ProgrammeError` out."""

import json

from seminars.exchange.assembly import programme_of
from seminars.exchange.checks import problems_of
from seminars.exchange.fields import JsonObject
from seminars.exchange.records import (
    Activity,
    Kind,
    Organisation,
    Person,
    Programme,
    ProgrammeError,
    Seminar,
    TeamMember,
    Timing,
    Words,
)

__all__ = [
    "Activity",
    "Kind",
    "Organisation",
    "Person",
    "Programme",
    "ProgrammeError",
    "Seminar",
    "TeamMember",
    "Timing",
    "Words",
    "read",
]


def read(text: bytes) -> Programme:
    """A programme from a JSON file in UTF-8.

    Fields that are not known are let pass. Raises ProgrammeError, and nothing else, with every problem found.
    """
    document = _parsed(text)
    if problems := problems_of(document):
        path, sentence = problems[0]
        raise ProgrammeError(path, sentence, problems)
    return programme_of(document)


def _parsed(text: bytes) -> JsonObject:
    try:
        document = json.loads(text.decode("utf-8-sig"), object_pairs_hook=JsonObject, parse_constant=_refuse)
    except UnicodeDecodeError as error:
        raise ProgrammeError("file", f"is not in UTF-8 (byte {error.start})") from error
    except RecursionError as error:
        raise ProgrammeError("file", "is not a programme: it is nested too deeply") from error
    except json.JSONDecodeError as error:
        place = f"line {error.lineno}, column {error.colno}"
        raise ProgrammeError("file", f"is not JSON: {error.msg}, {place}") from error
    except ValueError as error:
        raise ProgrammeError("file", f"is not JSON: {error}") from error
    if not isinstance(document, JsonObject):
        raise ProgrammeError(
            "file", "is not a JSON object with meta, activities, kinds, organisations, people, sessions"
        )
    return document


def _refuse(name: str) -> float:
    raise ValueError(f"{name} is no number there")
