"""A supervised tree: one listening socket, several servers on it, a worker; whoever dies comes back.

Children are new programs (subprocess), never forks of this one, so that no thread or connection is shared; each
is its own process group, so that Ctrl-C in a terminal reaches the tree only, and has a leash (config.serving.leash).
"""

import logging
import os
import selectors
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from types import FrameType

from config.serving.bounds import AT_MOST

log = logging.getLogger(__name__)
STOPS = (signal.SIGINT, signal.SIGTERM)
FIRST_REST, LONGEST_REST = 0.2, 30.0
"""Seconds before a child that died is started again; doubled each time it dies young."""
GROWN_UP = 30.0
"""Seconds after which a death counts as the first one."""
KILLED = 128 + signal.SIGTERM
LAST_CALL = AT_MOST - 1.0
"""Seconds from the signal until what still runs is killed."""


@dataclass
class Post:
    """A place in the tree, and the child that fills it. `words` makes its command line from the leash's descriptor,
    `kept` are the descriptors it inherits beside, `may_be_cut` says that killing it at the end does no harm."""

    name: str
    words: Callable[[int], Sequence[str]]
    kept: tuple[int, ...] = ()
    may_be_cut: bool = False
    child: "subprocess.Popen[bytes] | None" = None
    leash: socket.socket | None = None
    born: float = 0.0
    rest: float = FIRST_REST / 2
    due: float = 0.0
    is_ready: bool = False

    def start(self, environment: dict[str, str]) -> socket.socket:
        """Starts a child; returns our end of its leash."""
        ours, theirs = socket.socketpair()
        with theirs:
            self.child = subprocess.Popen(
                self.words(theirs.fileno()),
                env=environment,
                pass_fds=(theirs.fileno(), *self.kept),
                stdin=subprocess.DEVNULL,
                process_group=0,
            )
        self.leash, self.born, self.is_ready = ours, time.monotonic(), False
        return ours

    def bury(self) -> int:
        """Takes note of a child that has ended: when the next is due; returns its code."""
        assert self.child is not None
        code, self.child = self.child.wait(), None
        lived = time.monotonic() - self.born
        self.rest = FIRST_REST if lived > GROWN_UP else min(2 * self.rest, LONGEST_REST)
        self.due = time.monotonic() + self.rest
        return code


@dataclass
class Tree:
    """`run` returns the exit code: 0 after a stop by signal, 1 when it could not begin, 143 when a server had to be
    killed at the end. `said` is called once, when every child has begun."""

    posts: list[Post]
    said: Callable[[], None]
    environment: dict[str, str] = field(default_factory=lambda: dict(os.environ))
    listener: socket.socket | None = None
    stopping: int = 0
    has_begun: bool = False
    code: int = 0

    def run(self) -> int:
        self.selector = selectors.DefaultSelector()
        woken, wakes = socket.socketpair()
        woken.setblocking(False)
        wakes.setblocking(False)
        self.selector.register(woken, selectors.EVENT_READ)
        before = signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
        for number in STOPS:
            signal.signal(number, self.stop)
        signal.signal(signal.SIGCHLD, lambda *_: None)  # only to be woken
        try:
            self.mind(woken)
        finally:
            self.kill()
            signal.set_wakeup_fd(before)
            self.selector.close()
            woken.close()
            wakes.close()
        return self.code

    def stop(self, number: int, frame: FrameType | None = None) -> None:
        """A second signal waits for nothing."""
        self.stopping += 1
        if self.stopping > 1:
            self.kill()
            os._exit(128 + number)

    def mind(self, woken: socket.socket) -> None:
        ending = 0.0
        while True:
            self.reap()
            if (self.stopping or self.code) and not ending:
                ending = time.monotonic() + LAST_CALL
                self.let_go()
            if ending and (self.is_empty() or time.monotonic() > ending):
                self.cut()
                return
            if not ending:
                self.fill()
            for key, _events in self.selector.select(self.pause(ending)):
                if key.fileobj is woken:
                    woken.recv(4096)
                else:
                    self.hear(key.data)

    def is_empty(self) -> bool:
        return all(post.child is None for post in self.posts)

    def pause(self, ending: float) -> float | None:
        """Seconds until something is due; None while all is well."""
        times = [ending] if ending else [post.due for post in self.posts if post.child is None]
        return max(0.0, min(times) - time.monotonic()) + 0.01 if times else None

    def fill(self) -> None:
        for post in self.posts:
            if post.child is None and post.due <= time.monotonic():
                self.selector.register(post.start(self.environment), selectors.EVENT_READ, post)

    def hear(self, post: Post) -> None:
        """A child says that it has begun, or has let go: its end is noticed by SIGCHLD."""
        assert post.leash is not None
        if not post.leash.recv(16):
            self.selector.unregister(post.leash)
            return
        post.is_ready = True
        if not self.has_begun and all(each.is_ready for each in self.posts):
            self.has_begun = True
            self.said()

    def reap(self) -> None:
        for post in self.posts:
            if post.child is None or post.child.poll() is None:
                continue
            number, code = post.child.pid, post.bury()
            self.drop(post)
            if self.stopping or self.code:
                continue
            if not self.has_begun:
                log.error("%s (process %d) ended with %d before it had begun", post.name, number, code)
                self.code = 1
            else:
                wait = post.due - time.monotonic()
                log.error("%s (process %d) ended with %d, again in %.1f s", post.name, number, code, wait)

    def drop(self, post: Post) -> None:
        if post.leash is not None:
            if post.leash in {key.fileobj for key in self.selector.get_map().values()}:
                self.selector.unregister(post.leash)
            post.leash.close()
            post.leash = None

    def let_go(self) -> None:
        """No new visitor, and every child is told: by the signal while it loads, by its leash in any case."""
        if self.listener is not None:
            self.listener.close()
        for post in self.posts:
            if post.child is not None:
                self.drop(post)
                post.child.terminate()

    def cut(self) -> None:
        """What has not ended in time: a worker's letter is sent again when its lease is over, a request is lost."""
        for post in self.posts:
            if post.child is not None:
                log.error("%s (process %d) did not end in time", post.name, post.child.pid)
                self.code = self.code or (0 if post.may_be_cut else KILLED)

    def kill(self) -> None:
        for post in self.posts:
            if post.child is not None:
                post.child.kill()
                post.child.wait()
