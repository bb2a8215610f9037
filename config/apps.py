"""The last installed app: commands that need doors or settings, and the system checks."""

from django.apps import AppConfig

from config import checks


class ConfigConfig(AppConfig):
    name = "config"
    checks = checks  # loaded with the app, so that they are registered
