"""Drawings of papers as SVG: the code to verify by, and the emblem of the Union."""

import math
from base64 import b64encode
from functools import lru_cache
from pathlib import Path

import segno
from django.conf import settings

QUIET = 2
"""Modules of white around a code; the paper itself is white."""
BLUE, GOLD = "#003399", "#ffcc00"
"""Reflex blue and yellow as the emblem's guidelines give them for screens."""
MOST_EMBLEM = 512 * 1024
"""Bytes of the project's own picture; a larger one is not printed."""
TYPES = {".svg": "image/svg+xml", ".png": "image/png"}


@lru_cache(maxsize=64)
def code_of(address: str) -> tuple[int, str]:
    """A QR code (ISO/IEC 18004, level M) of an address: its side in modules, and its black as one SVG path."""
    matrix = segno.make(address, error="m", micro=False, boost_error=False).matrix
    path: list[str] = []
    for y, row in enumerate(matrix):
        x = 0
        while x < len(row):
            run = 1
            while x + run < len(row) and row[x + run] == row[x]:
                run += 1
            if row[x]:
                path.append(f"M{x + QUIET} {y + QUIET}h{run}v1h-{run}z")
            x += run
    return len(matrix) + 2 * QUIET, "".join(path)


def code_svg(address: str) -> str:
    side, path = code_of(address)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {side} {side}" shape-rendering="crispEdges">'
        f'<path d="{path}"/></svg>'
    )


@lru_cache(maxsize=1)
def stars() -> str:
    """Twelve stars as one SVG path on 54 x 36: on a circle of a third of the height, each within a circle of an
    eighteenth of it, one point up (the emblem's own geometry)."""
    return "".join(
        _star(27 + 12 * math.sin(turn), 18 - 12 * math.cos(turn))
        for turn in (math.tau * hour / 12 for hour in range(12))
    )


def _star(x: float, y: float) -> str:
    inner = 2 * math.sin(math.radians(18)) / math.sin(math.radians(54))
    points = [
        (x + length * math.sin(math.pi * step / 5), y - length * math.cos(math.pi * step / 5))
        for step, length in ((step, 2.0 if step % 2 == 0 else inner) for step in range(10))
    ]
    return "M" + "L".join(f"{a:.3f} {b:.3f}" for a, b in points) + "z"


def emblem_svg() -> str:
    """The project's own picture, else the emblem as we draw it."""
    own = own_emblem()
    if own is None:
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 54 36">'
            f'<path fill="{BLUE}" d="M0 0h54v36H0z"/><path fill="{GOLD}" d="{stars()}"/></svg>'
        )
    content, media_type = own
    if media_type == TYPES[".svg"]:
        return content.decode()
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 54 36">'
        f'<image width="54" height="36" xlink:href="data:image/png;base64,{b64encode(content).decode()}"/></svg>'
    )


def own_emblem() -> tuple[bytes, str] | None:
    """The picture that PROJECT_EMBLEM names and its media type; None where none is set or it cannot be read."""
    place = Path(settings.PROJECT["emblem"]) if settings.PROJECT["emblem"] else None
    media_type = TYPES.get(place.suffix.lower()) if place else None
    if place is None or media_type is None or not place.is_file() or place.stat().st_size > MOST_EMBLEM:
        return None
    content = place.read_bytes()
    is_svg = media_type == TYPES[".svg"]
    try:
        is_right = "<svg" in content.decode() if is_svg else content.startswith(b"\x89PNG")
    except UnicodeDecodeError:
        is_right = False
    return (content, media_type) if is_right else None
