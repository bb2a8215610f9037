"""The program that docs/evidence.md prints verifies an exported sheet with nothing of ours."""

import json
import re
import subprocess
import sys
from base64 import b64encode

import pytest

from seminars.actions import sealing
from seminars.moments import as_if
from seminars.queries import sealed
from tests.difficult import difficult, hour
from tests.house.tree import ROOT

pytestmark = pytest.mark.django_db


@pytest.fixture
def exported(settings, tmp_path):
    settings.SEAL_KEY = b64encode(bytes(range(32))).decode()
    settings.SEALS_DIR = tmp_path / "seals"
    made = difficult()
    with as_if(hour(17)):
        done = sealing.seal(session=made.session, by=made.people["elia"])
    return json.loads(json.dumps(sealed.sheet_file(done)))


def run(tmp_path, told) -> subprocess.CompletedProcess[str]:
    [program] = re.findall(r"```python\n(.*?)```", (ROOT / "docs/evidence.md").read_text(), re.DOTALL)
    (tmp_path / "program.py").write_text(program)
    (tmp_path / "sheet.json").write_text(json.dumps(told))
    words = [sys.executable, "-I", str(tmp_path / "program.py"), str(tmp_path / "sheet.json")]
    return subprocess.run(words, capture_output=True, text=True, timeout=60, check=False)


def test_the_printed_program_finds_that_it_holds(exported, tmp_path):
    found = run(tmp_path, exported)
    assert (found.returncode, found.stderr) == (0, "")
    assert found.stdout.startswith("holds; sealed 2026-03-12T16:00:00")


def test_the_printed_program_finds_what_was_changed(exported, tmp_path):
    exported["content"]["rows"][0]["minutes"] += 1
    assert "AssertionError" in run(tmp_path, exported).stderr
    exported["content"]["rows"][0]["minutes"] -= 1
    exported["seal"]["count"] += 1
    assert "InvalidSignature" in run(tmp_path, exported).stderr
