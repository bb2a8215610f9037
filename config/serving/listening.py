"""The one listening socket of a server: opened here, then handed to whoever answers on it."""

import socket

BACKLOG = 256


def listen(host: str, port: int) -> socket.socket:
    """A listening TCP socket; port 0 takes a free one. Raises OSError with the reason."""
    found = socket.getaddrinfo(host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    family, _kind, _protocol, _name, place = found[0]
    listener = socket.socket(family, socket.SOCK_STREAM)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(place)
        listener.listen(BACKLOG)
        listener.setblocking(False)
    except OSError:
        listener.close()
        raise
    return listener


def inherited(descriptor: int) -> socket.socket:
    """The listening socket that a parent has opened."""
    listener = socket.socket(fileno=descriptor)
    listener.setblocking(False)
    listener.set_inheritable(False)
    return listener


def address(listener: socket.socket) -> str:
    """Where it answers, as one would type it: `http://127.0.0.1:8000/`."""
    host, port, *_more = listener.getsockname()
    return f"http://{f'[{host}]' if ':' in host else host}:{port}/"
