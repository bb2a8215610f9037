"""The secret that nobody names."""

import os
import subprocess
import sys
from pathlib import Path

SHOW = "from config import settings; print(settings.SECRET_KEY)"


def key(home: Path) -> str:
    words = [sys.executable, "-c", SHOW]
    found = {name: value for name, value in os.environ.items() if not name.startswith("SECRET_KEY")}
    return subprocess.run(
        words, env=found | {"STATE_DIR": str(home)}, capture_output=True, text=True, check=True
    ).stdout


def test_a_secret_is_made_once_and_read_by_its_owner_only(tmp_path):
    assert key(tmp_path) == key(tmp_path) != "\n"
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [place.name for place in tmp_path.iterdir()] == ["secret_key"]


def test_a_start_that_was_cut_off_leaves_no_empty_secret(tmp_path):
    (tmp_path / "secret_key").touch()
    assert len(key(tmp_path).strip()) > 40
