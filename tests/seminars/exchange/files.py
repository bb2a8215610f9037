"""The demonstration programme as a file, and the same with something changed."""

import json
from pathlib import Path
from typing import Any

from seminars.exchange.programme import Programme, ProgrammeError, read

FILE = Path(__file__).parents[3] / "demo" / "programme.json"
DROPPED = object()


def document() -> dict[str, Any]:
    """A fresh parsed copy of the file."""
    parsed: dict[str, Any] = json.loads(FILE.read_bytes())
    return parsed


def written(content: object) -> bytes:
    return json.dumps(content).encode()


def place_of(content: dict[str, Any], key: str) -> int:
    """The index of a session in the file."""
    return [entry["key"] for entry in content["sessions"]].index(key)


def changed(key: str, /, **fields: object) -> bytes:
    """The file with fields of one session replaced, or taken away where the value is DROPPED."""
    content = document()
    session = content["sessions"][place_of(content, key)]
    for name, value in fields.items():
        if value is DROPPED:
            del session[name]
        else:
            session[name] = value
    return written(content)


def alone(key: str, /, **fields: object) -> Programme:
    """The file read with one session only, changed."""
    content = json.loads(changed(key, **fields))
    content["sessions"] = [content["sessions"][place_of(content, key)]]
    return read(written(content))


def problems(text: bytes) -> list[tuple[str, str]]:
    """What reading complains of; empty when the file can be used."""
    try:
        read(text)
    except ProgrammeError as error:
        return error.problems
    return []
