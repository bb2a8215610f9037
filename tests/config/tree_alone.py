"""A tree of stand-in children, for its own tests: `python -m tests.config.tree_alone '{"one": "waits"}'`.

Each child says its name and process id, and does as it is told: waits, stays (whatever it is asked), fails.
"""

import json
import logging
import sys
from functools import partial

from config.serving.tree import Post, Tree

CHILD = """
import os, signal, socket, sys, time
leash, name, how = socket.socket(fileno=int(sys.argv[1])), sys.argv[2], sys.argv[3]
if how == "fails":
    sys.exit(3)
if how == "stays":
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
os.write(1, f"child {name} {os.getpid()}\\n".encode())
leash.send(b"+")
while leash.recv(1) or how == "stays":
    time.sleep(60 if how == "stays" else 0)
"""


def words(name: str, how: str, leash: int) -> list[str]:
    return [sys.executable, "-I", "-c", CHILD, str(leash), name, how]


def say() -> None:
    sys.stdout.write("ready\n")
    sys.stdout.flush()


if __name__ == "__main__":
    logging.basicConfig(format="{message}", style="{", stream=sys.stdout)
    told = json.loads(sys.argv[1])
    posts = [Post(name, partial(words, name, how), (), name == "worker") for name, how in told.items()]
    sys.exit(Tree(posts, say).run())
