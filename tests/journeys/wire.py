"""The line between browsers and the server, which a journey can cut: a forwarder of TCP connections of our own."""

import contextlib
import socket
import threading
from dataclasses import dataclass, field

OCTETS = 65536


@dataclass
class Wire:
    """Forwards `port` to `target`, both on this machine, until it is cut; mended, it forwards again."""

    target: int
    is_cut: bool = False
    ends: set[socket.socket] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.door = socket.create_server(("127.0.0.1", 0))
        self.port = int(self.door.getsockname()[1])
        threading.Thread(target=self._listen, daemon=True).start()

    @property
    def site(self) -> str:
        return f"http://localhost:{self.port}"

    def cut(self) -> None:
        """Every connection breaks, and each new one at once."""
        self.is_cut = True
        for end in tuple(self.ends):
            self._drop(end)

    def mend(self) -> None:
        self.is_cut = False

    def close(self) -> None:
        self.cut()
        self.door.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:
                return
            threading.Thread(target=self._join, args=(near,), daemon=True).start()

    def _join(self, near: socket.socket) -> None:
        self.ends.add(near)
        if self.is_cut:
            return self._drop(near)
        try:
            far = socket.create_connection(("127.0.0.1", self.target), timeout=5)
        except OSError:  # the server is down
            return self._drop(near)
        far.settimeout(None)
        self.ends.add(far)
        threading.Thread(target=self._pump, args=(far, near), daemon=True).start()
        return self._pump(near, far)

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(OCTETS):
                sink.sendall(piece)
        self._drop(source)
        self._drop(sink)

    def _drop(self, end: socket.socket) -> None:
        self.ends.discard(end)
        with contextlib.suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()
