"""The last installed app: commands that need doors or settings, and the system checks."""

from django.apps import AppConfig


class ConfigConfig(AppConfig):
    name = "config"
