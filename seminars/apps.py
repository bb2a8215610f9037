"""The application of the hall."""

from django.apps import AppConfig


class SeminarsConfig(AppConfig):
    name = "seminars"
