"""The serve command with a stand-in product, for its own tests: `python -m tests.config.serve_alone '{}' --port 0`.

Pages take `seconds`; the worker says when it begins and ends, or does as `worker` says: "ends", "stays", "fails".
"""

import asyncio
import json
import sys
import time
from types import ModuleType
from typing import Any

from django.conf import settings
from django.core.management import execute_from_command_line

options = json.loads(sys.argv[1])
settings.configure(
    HOST="127.0.0.1",
    PORT=8000,
    SERVER="daphne",
    WORKER=options.get("works", "inline"),
    SITE_IS_GUESSED=False,
    WEB_CONCURRENCY=1,
    INSTALLED_APPS=["daphne", "config"],
    DATABASES={},
    CHANNEL_LAYERS={},
    ASGI_APPLICATION="config.asgi.application",
)


async def page(scope: Any, receive: Any, send: Any) -> None:
    say("asked")
    while options.get("reads") and (await receive()).get("more_body"):
        pass
    await asyncio.sleep(options.get("seconds", 0))
    await send({"type": "http.response.start", "status": 200, "headers": []})
    await send({"type": "http.response.body", "body": b"answered"})


async def line(scope: Any, receive: Any, send: Any) -> None:
    while (event := await receive())["type"] != "websocket.disconnect":
        if event["type"] == "websocket.connect":
            await send({"type": "websocket.accept"})
    say("left")


async def application(scope: Any, receive: Any, send: Any) -> None:
    await {"http": page, "websocket": line}[scope["type"]](scope, receive, send)


def work(stop: Any, postman: Any) -> None:
    say("works")
    if options.get("worker") == "fails":
        raise RuntimeError("no outbox")
    stop.wait()
    if options.get("worker") == "stays":
        time.sleep(60)
    say("worked")


def say(word: str) -> None:
    sys.stdout.write(f"{word}\n")  # one call: two threads say something
    sys.stdout.flush()


worker = {"work": work, "Postman": str, "new_owner": str, "let_go": lambda postman: None}
for name, content in {"config.asgi": {"application": application}, "seminars.work": worker}.items():
    sys.modules[name] = ModuleType(name)
    vars(sys.modules[name]).update(content)

if __name__ == "__main__":
    execute_from_command_line(["manage.py", "serve", "--skip-checks", *sys.argv[2:]])
