"""A mail server that takes every letter and keeps none: `python -m bench.sink`, which prints its address."""

import socket
import socketserver


class Talk(socketserver.BaseRequestHandler):
    """RFC 5321 as far as a sender needs it; without extensions, so that every sender asks one thing at a time."""

    request: socket.socket

    def handle(self) -> None:
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.kept = b""
        self.request.sendall(b"220 sink\r\n")
        while line := self.until(b"\r\n"):
            verb = line[:4].upper()
            if verb == b"DATA":
                self.request.sendall(b"354 go on\r\n")
                self.until(b"\r\n.\r\n")
            self.request.sendall(b"221 bye\r\n" if verb == b"QUIT" else b"250 sink\r\n")

    def until(self, end: bytes) -> bytes:
        """What comes in, up to and with `end`; nothing once the sender is gone."""
        while (place := self.kept.find(end)) < 0:
            more = self.request.recv(1 << 16)
            if not more:
                return b""
            self.kept += more
        place += len(end)
        taken, self.kept = self.kept[:place], self.kept[place:]
        return taken


class Sink(socketserver.ThreadingTCPServer):
    daemon_threads = True


if __name__ == "__main__":
    with Sink(("127.0.0.1", 0), Talk) as server:
        print(f"ready http://127.0.0.1:{server.server_address[1]}/", flush=True)
        server.serve_forever()
