"""Each half-made deployment is refused by its name, a whole one by none; the commands that serve refuse to begin."""

import os
import subprocess
import sys
from base64 import b64encode
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from config import checks
from config.checks import all_found
from config.shares import share_of
from tests.config.test_serve import ROOT

POSTGRES = {"default": {"ENGINE": "django.db.backends.postgresql", "NAME": "viso", "CONN_MAX_AGE": 0}}
STRONG = "q7Jd0vXn2RkYw5TzB8sLmC3hGfE6aUpQ9iOtV1xN4eDy"
SEAL = b64encode(bytes(range(32))).decode()
PUBLIC = {
    "SITE_URL": "https://viso.example.org",
    "NUM_PROXIES": 1,
    "SECRET_KEY": STRONG,
    "SEAL_KEY": SEAL,
    "EMAIL_URL": "smtp://mail.example.org",
}
SEVERAL = {"DATABASES": POSTGRES, "REDIS_URL": "redis://cache", "WEB_CONCURRENCY": 2}
RETURNING = {
    "MAIL_RATE": "200/m",
    "MAIL_RATE_PER_HOST": "10/s",
    "INBOX_URL": "imaps://viso%40example.org:secret@mail.example.org/INBOX",
}
IN_MEMORY = {"default": {"BACKEND": "channels.layers.InMemoryChannelLayer"}}


@pytest.fixture
def plain(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> SimpleNamespace:
    """The settings of a laptop, in the stead of those that this run was started with."""
    place = {"ENGINE": "django.db.backends.sqlite3", "NAME": str(tmp_path / "db.sqlite3"), "CONN_MAX_AGE": 0}
    stead = SimpleNamespace(
        SITE_URL="http://localhost:8000",
        NUM_PROXIES=0,
        STATE_DIR=tmp_path,
        DATABASES={"default": place},
        REDIS_URL="",
        WEB_CONCURRENCY=1,
        CHANNEL_LAYERS={},
        SECRET_KEY=STRONG,
        SECRET_IS_KEPT=False,
        SEAL_KEY="",
        SEAL_KEY_PLACE=tmp_path / "seal_key",
        SEAL_OLD_KEYS=[],
        STATE_FAULTS=[],
        HOST="127.0.0.1",
        ALLOWED_HOSTS=["localhost"],
        DEMO=False,
        DEBUG=False,
        SERVER="daphne",
        WORKER="inline",
        EMAIL_URL="",
        MAIL_RATE="",
        MAIL_RATE_PER_HOST="",
        INBOX_URL="",
        REMINDER_MINUTES=[1440, 60],
        ASK_AGAIN_DAYS=[7],
        EDITS_MERGED_MINUTES=30,
        CLOCK_SHIFT_FILE="",
    )
    monkeypatch.setattr(checks, "settings", stead)
    return stead


def found(plain: SimpleNamespace, **given: Any) -> list[str | None]:
    vars(plain).update(given)
    return sorted(message.id for message in all_found() if message.id)


@pytest.mark.parametrize("given", [{}, PUBLIC, PUBLIC | SEVERAL, SEVERAL, RETURNING, {"DATABASES": POSTGRES}])
def test_a_whole_deployment_is_refused_by_none(plain: SimpleNamespace, given: dict[str, Any]) -> None:
    assert found(plain, **given) == []


@pytest.mark.parametrize(
    ("given", "names"),
    [
        (SEVERAL | {"REDIS_URL": ""}, ["viso.E001"]),
        (SEVERAL | {"CHANNEL_LAYERS": IN_MEMORY}, ["viso.E002"]),
        ({"WEB_CONCURRENCY": 2, "REDIS_URL": "redis://cache"}, ["viso.E003"]),
        ({"WEB_CONCURRENCY": 2}, ["viso.E001", "viso.E003"]),
        (PUBLIC | {"SECRET_KEY": ""}, ["viso.E005"]),
        (PUBLIC | {"SECRET_KEY": "a" * 60}, ["viso.E005"]),
        (PUBLIC | {"SECRET_KEY": "django-insecure-" + STRONG}, ["viso.E005"]),
        (PUBLIC | {"SITE_URL": "https://viso.internal", "SECRET_KEY": "short"}, ["viso.E005"]),
        (PUBLIC | {"SITE_URL": "http://viso.example.org"}, ["viso.E008"]),
        (PUBLIC | {"SITE_URL": "http://93.184.216.34:8000"}, ["viso.E008"]),
        (PUBLIC | {"NUM_PROXIES": 0}, ["viso.E009"]),
        (PUBLIC | {"NUM_PROXIES": -1}, ["viso.E009"]),
        ({"ALLOWED_HOSTS": ["*"]}, ["viso.E010"]),
        (PUBLIC | {"DEMO": True}, ["viso.E011"]),
        (PUBLIC | {"DEBUG": True}, ["viso.E012"]),
        (PUBLIC | {"CLOCK_SHIFT_FILE": "/nowhere/clock"}, ["viso.E014"]),
        ({"STATE_DIR": Path("/proc/nowhere")}, ["viso.E015"]),
        ({"SERVER": "gunicorn"}, ["viso.E017"]),
        ({"WORKER": "on"}, ["viso.E017"]),
        ({"WEB_CONCURRENCY": 0}, ["viso.E018"]),
        ({"MAIL_RATE": "200"}, ["viso.E019"]),
        ({"MAIL_RATE": "ten", "MAIL_RATE_PER_HOST": "0/m"}, ["viso.E019", "viso.E019"]),
        ({"INBOX_URL": "imaps://mail.example.org"}, ["viso.E020"]),
        ({"INBOX_URL": "imaps://viso:secret@mail.example.org:port"}, ["viso.E020"]),
        ({"REMINDER_MINUTES": [60, 0]}, ["viso.E021"]),
        ({"ASK_AGAIN_DAYS": [-7], "EDITS_MERGED_MINUTES": 10_000}, ["viso.E021", "viso.E021"]),
        ({"SEAL_KEY": "secret"}, ["viso.E022"]),
        ({"SEAL_KEY": SEAL[:-8]}, ["viso.E022"]),
        ({"SEAL_KEY": b64encode(bytes(32)).decode()}, ["viso.E022"]),
        ({"SEAL_OLD_KEYS": [SEAL, "x"]}, ["viso.E022"]),
        ({"SEAL_KEY_PLACE": ROOT}, ["viso.E022"]),
        (PUBLIC | SEVERAL | {"SEAL_KEY": ""}, ["viso.E023"]),
        (PUBLIC | {"EMAIL_URL": ""}, ["viso.W001"]),
    ],
)
def test_a_half_made_one_is_refused_by_its_name(
    plain: SimpleNamespace, given: dict[str, Any], names: list[str]
) -> None:
    assert found(plain, **given) == names
    assert all(message.hint for message in all_found())


def test_a_seal_key_that_was_cut_off_is_refused_before_it_signs(plain: SimpleNamespace) -> None:
    plain.SEAL_KEY_PLACE.write_text(SEAL)
    assert found(plain) == []
    plain.SEAL_KEY_PLACE.write_text(SEAL[:20])
    assert found(plain) == ["viso.E022"]
    assert SEAL[:20] not in "".join(map(str, all_found()))
    assert found(plain, SEAL_KEY=SEAL) == [], "what is kept here is not asked then"


def test_a_password_is_in_no_words_of_a_check(plain: SimpleNamespace) -> None:
    plain.INBOX_URL = "imaps://viso:secret@mail.example.org:pass"
    assert "secret" not in "".join(map(str, all_found()))


@pytest.mark.parametrize("age", [60, None])
def test_connections_that_are_kept_are_refused(plain: SimpleNamespace, age: int | None) -> None:
    plain.DATABASES = {"default": POSTGRES["default"] | {"CONN_MAX_AGE": age}}
    assert found(plain) == ["viso.E007"]


def test_a_secret_that_was_made_here_is_refused_where_others_would_make_another(
    plain: SimpleNamespace,
) -> None:
    (plain.STATE_DIR / "secret_key").write_text(STRONG)
    assert found(plain, **PUBLIC, SECRET_IS_KEPT=True) == []
    assert found(plain, **SEVERAL) == ["viso.E006"]
    assert found(plain, SECRET_IS_KEPT=False) == []  # given with the value that was kept: others get it too


@pytest.mark.parametrize(
    "site",
    [
        "http://192.168.1.20:8000",
        "http://100.64.3.2:8000",  # an address that the provider shares out (RFC 6598)
        "http://[fd00::7]:8000",
        "http://viso.local",
        "http://viso.local.",
        "http://viso.fritz.box",
        "http://viso.home",
        "http://viso.localdomain",
        "http://viso.lan",
        "http://host:8000",
        "http://[::1]:8000",
    ],
)
def test_a_site_of_a_local_network_needs_no_certificate(plain: SimpleNamespace, site: str) -> None:
    assert found(plain, SITE_URL=site, DEMO=True) == []


@pytest.mark.parametrize(
    ("given", "names"),
    [
        ({"HOST": "0.0.0.0"}, ["viso.W002"]),
        ({"HOST": "192.168.1.20"}, ["viso.W002"]),
        ({"HOST": "::1"}, []),
        ({"HOST": "0.0.0.0", "DEMO": False}, []),
        ({"HOST": "0.0.0.0", "SITE_URL": "http://192.168.1.20:8000"}, []),
    ],
)
def test_a_trial_that_the_network_reaches_unsaid_is_told(
    plain: SimpleNamespace, given: dict[str, Any], names: list[str]
) -> None:
    assert found(plain, **{"DEMO": True} | given) == names


def test_a_clock_that_was_never_set_is_refused(
    plain: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "now", lambda: datetime(1970, 1, 1, 0, 5, tzinfo=UTC))
    assert found(plain) == ["viso.E013"]


def test_a_full_disk_is_refused(plain: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    class Nearly:
        free = 1_000_000

    monkeypatch.setattr(checks, "disk_usage", lambda place: Nearly)
    assert found(plain) == ["viso.E016"]


MOUNTS = """\
22 1 0:21 / / rw,relatime shared:1 - ext4 /dev/vda1 rw
30 22 0:40 / /srv/of\\040all rw,relatime - nfs4 nas:/export rw,vers=4.2
31 30 0:41 / /srv/of\\040all/local rw - xfs /dev/vdb1 rw
32 22 0:42 / /home/lou rw master:3 - fuse.sshfs lou@host: rw
33 22 0:43 / /var rw - tmpfs tmpfs rw
34 22 0:44 / /var rw - cifs //nas/var rw
35 22 0:45 / /host rw - 9p drvfs rw
36 22 0:46 / /guest rw - virtiofs share rw
"""


@pytest.mark.parametrize(
    ("place", "share"),
    [
        ("/opt/viso/db.sqlite3", ""),
        ("/srv/of all/db.sqlite3", "nfs4"),
        ("/srv/of all/local/db.sqlite3", ""),
        ("/srv/of allies/db.sqlite3", ""),
        ("/home/lou/state/db.sqlite3", "fuse.sshfs"),
        ("/var/lib/viso/db.sqlite3", "cifs"),
        ("/host/db.sqlite3", "9p"),
        ("/guest/db.sqlite3", "virtiofs"),
    ],
)
def test_a_share_is_known_by_the_mount_that_covers_it(tmp_path: Path, place: str, share: str) -> None:
    (tmp_path / "mounts").write_text(MOUNTS)
    assert share_of(Path(place), tmp_path / "mounts") == share


def test_sqlite_on_a_share_is_refused(plain: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "share_of", lambda place: "nfs4")
    assert found(plain) == ["viso.E004"]
    assert found(plain, DATABASES=POSTGRES) == []


def test_where_no_mounts_are_told_nothing_is_refused(tmp_path: Path) -> None:
    assert share_of(tmp_path, tmp_path / "absent") == ""


BAD = {
    "SITE_URL": "http://viso.example.org",
    "SECRET_KEY": "changeme",
    "EXTRA_HOSTS": "*",
    "WEB_CONCURRENCY": "2",
    "CONN_MAX_AGE": "60",
    "DEMO": "1",
}
NAMED = ["viso.E001", "viso.E003", "viso.E005", "viso.E007", "viso.E008", "viso.E010", "viso.E011"]


@pytest.mark.parametrize("words", [["check", "--deploy"], ["serve", "--port", "0"], ["work"]])
def test_no_command_begins_in_a_half_made_deployment(tmp_path: Path, words: list[str]) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    run = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=kept | BAD | {"STATE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert run.returncode == 1
    assert [name for name in NAMED if name not in run.stderr] == []
    assert "ready" not in run.stdout


@pytest.mark.parametrize("words", [["check"], ["serve", "--port", "0"]])
@pytest.mark.parametrize("given", [{}, {"SECRET_KEY": STRONG}])
def test_a_state_folder_that_cannot_be_made_is_named_and_nothing_is_traced(
    tmp_path: Path, words: list[str], given: dict[str, str]
) -> None:
    (tmp_path / "file").touch()
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    run = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=ROOT,
        env=kept | given | {"STATE_DIR": str(tmp_path / "file" / "state")},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert run.returncode == 1
    assert "viso.E015" in run.stderr
    assert "Traceback" not in run.stderr


def test_serve_is_checked_for_as_many_processes_as_it_is_told(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")}
    run = subprocess.run(
        [sys.executable, "manage.py", "serve", "--port", "0", "--workers", "3"],
        cwd=ROOT,
        env=kept | {"STATE_DIR": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=30,
    )
    assert run.returncode == 1
    assert "viso.E001" in run.stderr
    assert "viso.E003" in run.stderr
