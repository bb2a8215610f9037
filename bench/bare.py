"""The floors of the pages, on Daphne: `python -m bench.bare raw ETAG` and `python -m bench.bare page PATH`."""

import sys
from copy import copy
from typing import Any

import django
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

urlpatterns: list[Any] = []


class Daphne(Server):
    def listen_success(self, port: Any) -> None:
        super().listen_success(port)
        print(f"ready http://127.0.0.1:{self.listening_addresses[0][1]}/", flush=True)


def raw(tag: str) -> Any:
    """An application that answers everything by 304 with the headers of a feed."""
    headers = [(b"ETag", tag.encode()), (b"Cache-Control", b"private, max-age=0, must-revalidate")]

    async def application(scope: Any, receive: Any, send: Any) -> None:
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body", "body": b""})

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


if __name__ == "__main__":
    made = {"raw": raw, "page": page}[sys.argv[1]](sys.argv[2])
    Daphne(made, ["tcp:port=0:interface=127.0.0.1"], verbosity=0).run()
