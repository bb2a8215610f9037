"""Pages can be served by WSGI workers beside the servers of the rooms."""

from typing import Any
from wsgiref.util import setup_testing_defaults
from wsgiref.validate import validator

import pytest

from config.wsgi import application


@pytest.mark.django_db
def test_a_page_is_answered_by_wsgi() -> None:
    environment: dict[str, Any] = {
        "PATH_INFO": "/sign-in/",
        "SCRIPT_NAME": "",
        "HTTP_HOST": "localhost",
        "QUERY_STRING": "",
    }
    setup_testing_defaults(environment)
    said: list[str] = []
    answer = validator(application)(environment, lambda status, headers, fault=None: said.append(status))
    try:
        body = b"".join(answer)
    finally:
        answer.close()  # type: ignore[attr-defined]
    assert said == ["200 OK"]
    assert b"<form" in body
