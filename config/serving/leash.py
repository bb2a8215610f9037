"""What ties a child to the tree it belongs to: one octet says "ready", its end says that the other side is gone."""

import socket


class Leash:
    """A child's end of it. The parent's end has no other holder, so that even a killed parent lets go."""

    def __init__(self, descriptor: int) -> None:
        self.end = socket.socket(fileno=descriptor)
        self.end.set_inheritable(False)

    def tell(self) -> None:
        """Says once that the work has begun."""
        try:
            self.end.send(b"+")
        except OSError:  # a parent that is gone is noticed by whoever waits for its end
            return
