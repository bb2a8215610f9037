"""What all tests share: settings that would only slow them down, or tie them to a build, are plain."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from seminars.models import Person
from seminars.vocabulary import Role
from tests import cast


def pytest_configure(config: pytest.Config) -> None:
    if not config.pluginmanager.hasplugin("django"):  # the browser journeys
        return
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }


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
