"""What all tests share: settings that would only slow them down, or tie them to a build, are plain."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.db import connection

from seminars.models import Person
from seminars.vocabulary import Role
from tests import cast, guarded, kept, watching


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.hasplugin("django"):  # the browser journeys
        return
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):  # in memory, one thread's reading would fail another's writing
        database.setdefault("TEST", {})["NAME"] = str(Path(settings.STATE_DIR) / "tests.sqlite3")
        database["OPTIONS"]["init_command"] = database["OPTIONS"]["init_command"].replace("FULL", "OFF")
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Threads of live tests may end with a connection in hand: PostgreSQL drops no database that one still holds."""
    guarded.let_flush()
    yield
    if connection.vendor == "postgresql":
        others = "datname = current_database() AND pid <> pg_backend_pid()"
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


@pytest.fixture(scope="session", autouse=True)
def watched() -> Iterator[None]:
    with watching.watching():
        yield


@pytest.fixture(autouse=True)
def judged() -> Iterator[None]:
    """Whatever mail or feed a test sends is kept, and the judge finds no fault with it."""
    kept.keeper.begin(kept.world())
    yield
    assert kept.keeper.settle() == []


@pytest.fixture
def clock(settings: Any, tmp_path: Path) -> cast.Clock:
    settings.CLOCK_SHIFT_FILE = str(tmp_path / "clock")
    return cast.Clock(tmp_path / "clock")


@pytest.fixture
def camille(db: None) -> Person:
    return cast.person("camille", "Camille Exemple", Role.COORDINATOR, "FR", "fr-lead")


@pytest.fixture
def andrea(db: None) -> Person:
    return cast.person("andrea", "Andrea Esempio", Role.COORDINATOR, "IT", "it-partner")


@pytest.fixture
def dominique(db: None) -> Person:
    return cast.person("dominique", "Dominique Modele", Role.TRAINER, "FR", "fr-county")


@pytest.fixture
def elia(db: None) -> Person:
    return cast.person("elia", "Elia Prova", Role.TRAINER, "IT", "it-coop")


@pytest.fixture
def ange(db: None) -> Person:
    return cast.person("ange", "Ange Esquisse", Role.PARTICIPANT, "FR", "fr-county")


@pytest.fixture
def bruna(db: None) -> Person:
    return cast.person("bruna", "Bruna Schizzo", Role.PARTICIPANT, "IT", "it-coop")


@pytest.fixture
def cyrille(db: None) -> Person:
    return cast.person("cyrille", "Cyrille Croquis", Role.PARTICIPANT, "FR", "fr-social-centre")


@pytest.fixture
def daniele(db: None) -> Person:
    return cast.person("daniele", "Daniele Abbozzo", Role.PARTICIPANT, "IT", "it-partner")


@pytest.fixture
def stranger(db: None) -> Person:
    return cast.person("stranger", "Sam Inconnu", Role.PARTICIPANT, "FR")
