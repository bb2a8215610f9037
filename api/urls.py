"""Addresses of the API: codes and keys in the paths, never row numbers."""

from typing import Any

from django.urls import URLPattern, URLResolver, path, re_path

from api.attendance import AttendanceDoor
from api.door import Nowhere
from api.invitations import InvitationsDoor
from api.reference import ActivitiesDoor, KindsDoor, OrganisationsDoor
from api.schema import Schema
from api.sessions import SessionsDoor

ONE = "sessions/<slug:code>/"
EVERY: dict[str, Any] = dict.fromkeys(["get", "post", "patch", "delete"], "absent")

urlpatterns: list[URLPattern | URLResolver] = [
    path("schema/", Schema.as_view(), name="api-schema"),
    path("sessions/", SessionsDoor.as_view({"get": "list", "post": "create"}), name="api-sessions"),
    path(ONE, SessionsDoor.as_view({"get": "retrieve", "patch": "partial_update"}), name="api-session"),
    path(f"{ONE}move/", SessionsDoor.as_view({"post": "move"}), name="api-session-move"),
    path(f"{ONE}cancel/", SessionsDoor.as_view({"post": "cancel"}), name="api-session-cancel"),
    path(f"{ONE}schedule/", SessionsDoor.as_view({"post": "schedule"}), name="api-session-schedule"),
    path(
        f"{ONE}invitations/",
        InvitationsDoor.as_view({"get": "list", "post": "create"}),
        name="api-invitations",
    ),
    path(
        f"{ONE}invitations/<slug:person>/",
        InvitationsDoor.as_view({"delete": "destroy"}),
        name="api-invitation",
    ),
    path(f"{ONE}attendance/", AttendanceDoor.as_view({"get": "retrieve"}), name="api-attendance"),
    path("activities/", ActivitiesDoor.as_view({"get": "list"}), name="api-activities"),
    path("organisations/", OrganisationsDoor.as_view({"get": "list"}), name="api-organisations"),
    path("kinds/", KindsDoor.as_view({"get": "list"}), name="api-kinds"),
    re_path(r"", Nowhere.as_view(EVERY), name="api-absent"),
]
