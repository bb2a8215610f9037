"""A mail server in a process of its own: it keeps what it takes, octet for octet, each mail beside its envelope.

`python -m tests.journeys.postoffice FOLDER` prints its port and serves until it is stopped.
"""

import asyncio
import contextlib
import itertools
import json
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP

from tests.journeys.stage import PATIENCE, ROOT, text_of


@dataclass(frozen=True)
class Arrived:
    """A mail, and to whom its envelope said that it goes."""

    envelope: list[str]
    content: bytes

    @property
    def message(self) -> EmailMessage:
        return message_from_bytes(self.content, policy=policy.default)

    @property
    def words(self) -> str:
        return f"{self.message['Subject']}\n{text_of(self.message)}"


class Keeper:
    def __init__(self, folder: Path) -> None:
        self.folder, self.turn = folder, itertools.count(1)

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        place = self.folder / f"{next(self.turn):05d}"
        place.with_suffix(".json").write_text(json.dumps(envelope.rcpt_tos))
        place.with_suffix(".part").write_bytes(envelope.original_content)
        place.with_suffix(".part").rename(place.with_suffix(".eml"))
        return "250 OK"


@dataclass
class Post:
    """The mail server's folder, read from outside."""

    folder: Path
    process: "subprocess.Popen[str]"
    port: int = field(init=False)

    def __post_init__(self) -> None:
        assert self.process.stdout is not None
        self.port = int(self.process.stdout.readline())

    @property
    def url(self) -> str:
        return f"smtp://127.0.0.1:{self.port}"

    def all(self) -> list[Arrived]:
        """Oldest first."""
        return [
            Arrived(json.loads(place.with_suffix(".json").read_text()), place.read_bytes())
            for place in sorted(self.folder.glob("*.eml"))
        ]

    def to(self, address: str, having: str = "") -> list[Arrived]:
        return [mail for mail in self.all() if mail.envelope == [address] and having in mail.words]

    def wait(self, address: str, having: str = "", count: int = 1) -> EmailMessage:
        """The newest of at least so many mails to this address with these words in the subject or the text."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            if len(found := self.to(address, having)) >= count:
                return found[-1].message
            time.sleep(0.2)
        raise AssertionError(f"no mail to {address} with {having!r}: {[it.words for it in self.to(address)]}")


@contextlib.contextmanager
def post_office(folder: Path) -> Iterator[Post]:
    words = [sys.executable, "-m", "tests.journeys.postoffice", str(folder)]
    with subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield Post(folder, process)
        finally:
            process.terminate()


async def serve(folder: Path) -> None:
    loop, over = asyncio.get_running_loop(), asyncio.Event()
    loop.add_signal_handler(signal.SIGTERM, over.set)
    keeper = Keeper(folder)
    server = await loop.create_server(lambda: SMTP(keeper, hostname="post.test"), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await over.wait()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1])))
