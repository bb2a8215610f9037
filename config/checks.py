"""Refuses half-made deployments by name, before somebody learns it from half a room that hears nothing."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


@register
def one_process(app_configs: Sequence[AppConfig] | None = None, **more: Any) -> list[CheckMessage]:
    """Live changes reach the sockets of their own process only."""
    if getattr(settings, "REDIS_URL", "") or getattr(settings, "WEB_CONCURRENCY", 1) > 1:
        words = "Live changes do not cross processes yet: half of a room would hear nothing."
        return [Error(words, hint="Unset REDIS_URL and WEB_CONCURRENCY; run one server.", id="viso.E001")]
    return []
