"""A process told to stop: its worker ends one letter, and gives back the others before the wait for a slow one."""

import threading
from typing import Any

import pytest

from config.serving import process
from config.serving.process import Process


@pytest.mark.parametrize(("is_slow", "given"), [(True, 1), (False, 0)])
def test_only_a_worker_that_is_held_up_lets_go_what_it_holds(
    monkeypatch: Any, is_slow: bool, given: int
) -> None:
    end, let_go = threading.Event(), []
    one = Process.__new__(Process)
    one.postman = object()  # type: ignore[assignment]  # only passed on
    one.worker = threading.Thread(target=end.wait)

    def gives_back(postman: Any) -> None:
        let_go.append(postman)
        end.set()

    monkeypatch.setattr(process, "let_go", gives_back)
    monkeypatch.setattr(process, "QUICK_WORK", 0.01 if is_slow else 30.0)
    one.worker.start()
    if not is_slow:
        end.set()
    one._end_work()
    assert let_go == [one.postman] * given
    assert not one.worker.is_alive()
