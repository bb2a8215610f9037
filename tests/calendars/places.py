"""Where tests keep the mails and feeds that they sent."""

import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
ARTIFACTS = HERE.parent / "artifacts" / "calendar"


def empty() -> None:
    """At the start of a whole run."""
    shutil.rmtree(ARTIFACTS, ignore_errors=True)
