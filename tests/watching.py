"""Sees in this process what leaves by folder or SMTP and what its doors answer, for the keeper; knows Django."""

import gzip
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import wraps
from typing import Any
from unittest.mock import patch

from django.core.handlers.base import BaseHandler

from seminars.work import mailing
from tests.kept import keeper


def answered(response: Any) -> None:
    """Keeps a calendar that one of our doors answers with."""
    if response.status_code != 200 or not response.headers.get("Content-Type", "").startswith(
        "text/calendar"
    ):
        return
    body = b"" if response.streaming else bytes(response.content)
    if body:
        packed = response.headers.get("Content-Encoding") == "gzip"
        keeper.feed(gzip.decompress(body) if packed else body)


@contextmanager
def watching() -> Iterator[None]:
    """Sees what this process sends, by folder or SMTP, and what its doors answer, for as long as it lasts."""
    with ExitStack() as hooks:
        for outlet in (mailing.Folder, mailing.Server):
            hooks.enter_context(patch.object(outlet, "send", _sending(outlet.send)))
        hooks.enter_context(patch.object(BaseHandler, "get_response", _answering(BaseHandler.get_response)))
        whole = _answering_async(BaseHandler.get_response_async)
        hooks.enter_context(patch.object(BaseHandler, "get_response_async", whole))
        yield


def _sending(send: Callable[..., None]) -> Callable[..., None]:
    @wraps(send)
    def seen(self: Any, letter: Any, content: bytes, **more: Any) -> None:
        send(self, letter, content, **more)
        keeper.mail(content)

    return seen


def _answering(answer: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(answer)
    def seen(self: Any, request: Any) -> Any:
        response = answer(self, request)
        answered(response)
        return response

    return seen


def _answering_async(answer: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(answer)
    async def seen(self: Any, request: Any) -> Any:
        response = await answer(self, request)
        answered(response)
        return response

    return seen
