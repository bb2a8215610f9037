"""A small IMAP server with one folder, which remembers what was asked of it."""

import re
import socket
import ssl
import threading
from dataclasses import dataclass, field

STORED = re.compile(rb"UID STORE (\d+) ")
FETCHED = re.compile(rb"UID FETCH (\d+) \(BODY\.PEEK")


@dataclass
class Mailbox:
    """`mails` by number. `seen` are those marked; `cuts` ends each connection after so many commands."""

    mails: dict[int, bytes] = field(default_factory=dict)
    seen: set[int] = field(default_factory=set)
    asked: list[bytes] = field(default_factory=list)
    validity: int = 7
    password: bytes = b"secret word"
    cuts: int = 0
    context: ssl.SSLContext | None = None

    def __post_init__(self) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.door.getsockname()[1]
        threading.Thread(target=self._serve, daemon=True).start()

    @property
    def fetched(self) -> list[int]:
        return [int(found[1]) for line in self.asked if (found := FETCHED.search(line))]

    def close(self) -> None:
        self.door.shutdown(socket.SHUT_RDWR)
        self.door.close()

    def _serve(self) -> None:
        while True:
            try:
                line, _ = self.door.accept()
            except OSError:
                return
            try:
                if self.context:
                    line = self.context.wrap_socket(line, server_side=True)
                with line, line.makefile("rb") as words:
                    self._talk(line, words)
            except OSError:
                continue

    def _talk(self, line: socket.socket, words: object) -> None:
        line.sendall(b"* OK ready\r\n")
        for count, asked in enumerate(iter(words.readline, b""), 1):  # type: ignore[attr-defined]
            tag, _, command = asked.strip().partition(b" ")
            self.asked.append(command)
            if self.cuts and count >= self.cuts:
                return
            line.sendall(self._answer(command, tag))
            if command == b"LOGOUT":
                return

    def _answer(self, command: bytes, tag: bytes) -> bytes:
        done = tag + b" OK done\r\n"
        if command.startswith(b"LOGIN"):
            return done if self.password in command else tag + b" NO wrong: " + command + b"\r\n"
        if command == b"CAPABILITY":
            return b"* CAPABILITY IMAP4rev1\r\n" + done
        if command.startswith(b"SELECT"):
            return b"* %d EXISTS\r\n* OK [UIDVALIDITY %d] valid\r\n" % (len(self.mails), self.validity) + done
        if command.startswith(b"UID SEARCH UNSEEN"):
            left = (b"%d" % number for number in sorted(set(self.mails) - self.seen))
            return b"* SEARCH " + b" ".join(left) + b"\r\n" + done
        if command.startswith(b"UID FETCH") and b"RFC822.SIZE" in command:
            numbers = map(int, command.split()[2].split(b","))
            rows = (b"* %d FETCH (UID %d RFC822.SIZE %d)\r\n" % (n, n, len(self.mails[n])) for n in numbers)
            return b"".join(rows) + done
        if found := FETCHED.search(command):
            number = int(found[1])
            content = self.mails[number]
            head = b"* %d FETCH (UID %d BODY[]<0> {%d}\r\n" % (number, number, len(content))
            return head + content + b")\r\n" + done
        if found := STORED.search(command):
            self.seen.add(int(found[1]))
        if command == b"LOGOUT":
            return b"* BYE\r\n" + done
        return done
