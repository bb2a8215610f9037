"""Addresses of the live door."""

from django.urls import URLPattern, path, re_path

from realtime.consumers import LiveConsumer, Nowhere

routes: list[URLPattern] = [
    path("live/<str:code>/", LiveConsumer.as_asgi()),
    re_path("", Nowhere.as_asgi()),
]
