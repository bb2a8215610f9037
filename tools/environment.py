"""Makes `.venv` and keeps it in step with the locks: `python tools/environment.py product|tests`.

Runs on the system's Python with nothing installed. A stamp per set remembers what was installed, so that a
run with nothing to do takes a few hundredths of a second. uv installs; where it cannot (it does not read
pip's configuration), pip takes the same lock with the same hashes.
"""

import fcntl
import hashlib
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
BIN = VENV / "bin"
LOCKS = {"product": "requirements.lock", "tests": "requirements-dev.lock"}
UV = "uv==0.13.9"
OLDEST = (3, 11)


def wanted(name: str) -> str:
    """Return the stamp of a set: its lock, this Python and this folder (scripts of a venv carry its path)."""
    lock = (ROOT / LOCKS[name]).read_bytes()
    return hashlib.sha256(lock + sys.version.encode() + str(VENV).encode()).hexdigest()


def is_ready(name: str) -> bool:
    stamp = VENV / f"{name}.stamp"
    return (BIN / "python").exists() and stamp.exists() and stamp.read_text() == wanted(name)


def run(*command: object, quietly: bool = False) -> bool:
    """Run a program; return whether it succeeded. A program that is not there did not."""
    target = subprocess.DEVNULL if quietly else None
    words = [str(word) for word in command]
    try:
        return subprocess.run(words, check=False, stdout=target, stderr=target).returncode == 0
    except OSError:
        return False


def make_venv() -> None:
    """Create `.venv`, again if its Python is gone or its folder has moved; exit with one line if not."""
    notes = VENV / "pyvenv.cfg"
    is_ours = notes.exists() and str(VENV) in notes.read_text()
    if is_ours and run(BIN / "python", "-m", "pip", "--version", quietly=True):
        return
    if not run(sys.executable, "-m", "venv", "--clear", VENV):
        sys.exit("Python's venv module is incomplete here. On Debian or Ubuntu: apt install python3-venv")


def install(name: str) -> None:
    """Install one lock, hashes required; exit with one line if neither uv nor pip can."""
    locked = ["--require-hashes", "-r", ROOT / LOCKS[name]]
    pip = [BIN / "python", "-m", "pip", "install", "-qq", "--disable-pip-version-check"]
    if not (BIN / "uv").exists():
        run(*pip, UV)
    if (BIN / "uv").exists() and run(
        BIN / "uv", "pip", "install", "-q", "--compile-bytecode", "--python", BIN / "python", *locked
    ):
        return
    print("uv could not install it; pip tries the same lock", flush=True)
    if not run(*pip, *locked):
        sys.exit(f"{LOCKS[name]} could not be installed, see above: is there a network or a mirror?")


def lay_path() -> None:
    """Let every program of the venv find our packages from any folder, as an editable install would."""
    for packages in VENV.glob("lib/python*/site-packages"):
        (packages / "viso.pth").write_text(f"{ROOT}\n")


def main(name: str) -> None:
    if sys.version_info < OLDEST:
        sys.exit(f"Python {'.'.join(map(str, OLDEST))} or newer is needed, this is {sys.version.split()[0]}")
    with open(ROOT / LOCKS[name]) as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if is_ready(name):
            return
        began = time.monotonic()
        print(f"installing {LOCKS[name]} into .venv", flush=True)
        make_venv()
        install(name)
        lay_path()
        (VENV / f"{name}.stamp").write_text(wanted(name))
        print(f"installed in {time.monotonic() - began:.0f} s", flush=True)


if __name__ == "__main__":
    main(sys.argv[1])
