"""The floors of pages and feeds: `python -m bench.bare feed-daphne|feed-uvicorn FILE` and `… page PATH`."""

import json
import socket
import sys
from copy import copy
from pathlib import Path
from typing import Any

import django
import uvicorn
from daphne.server import Server  # installs the reactor: before any other part of Twisted
from django.conf import settings
from django.core.handlers.asgi import ASGIHandler
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.template.context import RenderContext
from django.test import Client
from django.test.utils import CaptureQueriesContext, setup_test_environment, teardown_test_environment
from django.urls import include, re_path
from django.utils import translation

HOPS = ("date", "server", "connection", "transfer-encoding", "x-request-id")
urlpatterns: list[Any] = []


class Daphne(Server):
    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        print(f"ready http://127.0.0.1:{self.listening_addresses[0][1]}/", flush=True)


def feed(place: str) -> Any:
    """Answers from memory: 304 to whoever names a tag, else the whole answer that lies in a file."""
    kept = json.loads(Path(place).read_text())
    headers = [(name.encode(), value.encode()) for name, value in kept["headers"].items() if name not in HOPS]
    body = kept["body"].encode()
    short = [header for header in headers if header[0] != b"content-length"]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        is_known = any(name == b"if-none-match" for name, _ in scope["headers"])
        status, said, content = (304, short, b"") if is_known else (200, headers, body)
        await send({"type": "http.response.start", "status": status, "headers": said})
        await send({"type": "http.response.body", "body": content})

    return application


def page(path: str) -> Any:
    """Opens the page once, then serves a view that repeats its queries and renders its template, nothing else."""
    django.setup()
    setup_test_environment()
    with CaptureQueriesContext(connection) as queries:
        answer = Client(headers={"accept-language": "fr", "host": "localhost"}).get(path)
    teardown_test_environment()
    statements = [each["sql"] for each in queries if each["sql"].lstrip().upper().startswith("SELECT")]
    template, context = answer.templates[0], answer.context[0]

    def view(asked: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            for statement in statements:
                cursor.execute(statement)
                cursor.fetchall()
        fresh = copy(context)
        fresh.render_context = RenderContext()
        with translation.override("fr"):
            return HttpResponse(template.render(fresh))

    # everything asked comes to the view; the product's own addresses follow, for the links of its template
    urlpatterns.extend([re_path("", view), re_path("", include(settings.ROOT_URLCONF))])
    settings.MIDDLEWARE, settings.ROOT_URLCONF = [], __name__
    return ASGIHandler()


def uvicorn_(application: Any) -> None:
    listener = socket.create_server(("127.0.0.1", 0), backlog=2048)
    print(f"ready http://127.0.0.1:{listener.getsockname()[1]}/", flush=True)
    uvicorn.Server(uvicorn.Config(application, lifespan="off", log_level="warning")).run(sockets=[listener])


if __name__ == "__main__":
    kind, server = sys.argv[1].partition("-")[::2]
    made = {"feed": feed, "page": page}[kind](sys.argv[2])
    if server == "uvicorn":
        uvicorn_(made)
    else:
        Daphne(made, ["tcp:port=0:interface=127.0.0.1"], verbosity=0).run()
