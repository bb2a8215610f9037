"""The browser of the journeys: an installed Chromium or Chrome, or Debian's, where this user may install it.

`python -m tools.browser` makes one available or says in one line why there will be none.
"""

import os
import shutil
import subprocess

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WHY_NOT = "no Chromium found: install one, or name it in CHROMIUM"


def find() -> str | None:
    """Return the path of a browser: $CHROMIUM, else the first known name on PATH; None if there is none."""
    for name in (os.environ.get("CHROMIUM"), *NAMES):
        path = shutil.which(name) if name else None
        if path:
            return path
    return None


def provide() -> str | None:
    """Return the path of a browser, after installing Debian's as root; None where that is not possible."""
    if find() is None and os.geteuid() == 0 and shutil.which("apt-get"):
        print("installing Chromium for the browser journeys", flush=True)
        unasked = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
        for words in (["update"], ["install", "-y", "--no-install-recommends", "chromium"]):
            words = ["apt-get", "-qq", *words]
            subprocess.run(words, check=False, env=unasked, stdout=subprocess.DEVNULL)
    return find()


if __name__ == "__main__":
    print(provide() or WHY_NOT)
