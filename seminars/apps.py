"""The application of the hall."""

from typing import Any

from django.apps import AppConfig
from django.db import connections
from django.db.models.signals import post_migrate, pre_migrate

from seminars.evidence import guards


class SeminarsConfig(AppConfig):
    name = "seminars"

    def ready(self) -> None:
        """The guards of the database are down while it migrates, and up before and after."""
        pre_migrate.connect(_before_migrating, sender=self)
        post_migrate.connect(_after_migrating, sender=self)


def _before_migrating(using: str, **more: Any) -> None:
    guards.take_down(connections[using])


def _after_migrating(using: str, **more: Any) -> None:
    guards.put_up(connections[using])
