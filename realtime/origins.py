"""Only pages of our own exact origin may open a live socket."""

from collections.abc import Awaitable, Callable, Iterable
from typing import Any

from channels.security.websocket import WebsocketDenier


class ExactOrigin:
    """Refuses a handshake (403) whose Origin is not one of `origins`, scheme and port included; none and `null` too."""

    def __init__(self, application: Callable[..., Awaitable[None]], origins: Iterable[str]) -> None:
        self.application, self.origins = application, frozenset(origin.lower().encode() for origin in origins)

    async def __call__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        given = [value.lower() for name, value in scope["headers"] if name == b"origin"]
        if len(given) == 1 and given[0] in self.origins:
            return await self.application(scope, receive, send)
        return await WebsocketDenier()(scope, receive, send)
