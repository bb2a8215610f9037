"""The readers, each in a process of its own: two in Python, ical.js, Debian's libical; or why one can't be had."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

from tests.calendars import libical, views
from tests.calendars.places import HERE

Found = tuple[str, list[str], str]
"""Name, command, and why it can't be had (empty where it can)."""


def readers() -> Iterator[Found]:
    for name in views.INSIDE:
        yield name, [sys.executable, "-m", "tests.calendars.views", name], ""
    why = why_no_ical_js()
    yield "ical.js", [] if why else ["node", str(HERE / "read.mjs")], why
    why = why_no_libical()
    yield "libical", [] if why else [sys.executable, "-m", "tests.calendars.libical"], why


def why_no_ical_js() -> str:
    """Installs what the lock says, once."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not node or not npm:
        return "no Node and npm found"
    wanted = json.loads((HERE / "package-lock.json").read_text())["packages"]["node_modules/ical.js"][
        "version"
    ]
    there = HERE / "node_modules" / "ical.js" / "package.json"
    if there.exists() and json.loads(there.read_text())["version"] == wanted:
        return ""
    words = ["ci", "--omit=dev", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
    done = subprocess.run([npm, *words], cwd=HERE, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else f"npm could not install it: {done.stderr.strip()[-200:]}"


def why_no_libical() -> str:
    """Debian's package, where this user may install it."""
    if libical.library() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        unasked = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        install = ["install", "-y", "--no-install-recommends", "libical3"]
        for words in (install, ["update"], install):
            words = ["apt-get", "-qq", *words]
            if libical.library() is None:
                subprocess.run(words, check=False, env=unasked, capture_output=True)
    return "" if libical.library() else "libical 3 is not installed"
