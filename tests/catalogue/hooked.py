"""`manage.py` with one slow call: whoever asks for a break waits two seconds in the action, as behind a slow query."""

import os
import sys
import time
from typing import Any

import django
from django.core.management import execute_from_command_line

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from seminars.actions import feedback  # noqa: E402 - the apps come first

SECONDS = 2.0
quick = feedback.take_pulse


def slow(**given: Any) -> Any:
    if given.get("value") == "break":
        time.sleep(SECONDS)
    return quick(**given)


if __name__ == "__main__":
    feedback.take_pulse = slow
    execute_from_command_line(sys.argv)
