"""Sessions: listed, read, planned, edited, moved, scheduled, cancelled."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import actor_of, asks
from api.door import Door
from api.fields import Empty, walls
from api.plans import Filters, MoveIn, PlanIn, TextsIn, filtered
from api.schema import READING, answers
from api.shapes import SessionOut
from seminars import addresses
from seminars.actions import sessions as actions
from seminars.models import Session
from seminars.queries import agenda


def framed(sessions: QuerySet[Session]) -> QuerySet[Session]:
    """With all that a session's JSON says, in five queries for any number."""
    return sessions.select_related("activity", "host").prefetch_related("organisers", "slots", "team__person")


def session_of(code: str, **more: str) -> Session | None:
    return framed(Session.objects.filter(code=code)).first()


class SessionsDoor(Door):
    serializer_class = SessionOut
    queryset = Session.objects.none()
    lookup_field = "code"
    order = ("starts_at", "pk")

    def said(self, session: Session, status: int = 200) -> Response:
        """The session as it is now."""
        fresh = framed(Session.objects.all()).get(pk=session.pk)
        headers = {"Location": addresses.absolute(f"/api/sessions/{fresh.code}/")} if status == 201 else {}
        return Response(SessionOut(fresh).data, status=status, headers=headers)

    @extend_schema(parameters=[Filters], responses=answers({200: SessionOut(many=True)}, READING))
    @asks("seminars.read_api")
    def list(self, request: Request) -> Response:
        """The programme as the caller may see it, in the order of its hours; drafts are read by their code."""
        sessions = filtered(agenda.seen_by(actor_of(request)), request.query_params)
        page = self.paginate_queryset(framed(sessions))
        return self.get_paginated_response(SessionOut(page, many=True).data)

    @extend_schema(request=PlanIn, responses=answers({201: SessionOut}))
    @asks("seminars.plan_session")
    def create(self, request: Request) -> Response:
        """Plans a session. Who plans joins the team unless the body gives her a role."""
        given = self.given(PlanIn)
        is_draft = given.pop("is_draft", False)
        plan = actions.Plan(**given | {"slots": walls(given["slots"])})
        return self.said(actions.plan(by=self.caller, plan=plan, is_draft=is_draft), 201)

    @extend_schema(responses=answers({200: SessionOut}, READING))
    @asks("seminars.see_session", session_of)
    def retrieve(self, request: Request, code: str) -> Response:
        return Response(SessionOut(self.thing).data)

    @extend_schema(request=TextsIn, responses=answers({200: SessionOut}))
    @asks("seminars.edit_session", session_of)
    def partial_update(self, request: Request, code: str) -> Response:
        """Changes words; answers are kept. What the body leaves out stays."""
        texts: dict[str, Any] = self.given(TextsIn, partial=True)
        return self.said(actions.edit(session=self.thing, by=self.caller, **texts))

    @extend_schema(request=MoveIn, responses=answers({200: SessionOut}))
    @asks("seminars.move_session", session_of)
    def move(self, request: Request, code: str) -> Response:
        """Other hours, zone, mode or place: everybody is told and asked anew."""
        given = self.given(MoveIn)
        when = given | {"slots": walls(given["slots"])}
        return self.said(actions.move(session=self.thing, by=self.caller, **when))

    @extend_schema(request=None, responses=answers({200: SessionOut}))
    @asks("seminars.edit_session", session_of)
    def schedule(self, request: Request, code: str) -> Response:
        """A draft enters the programme."""
        self.given(Empty)
        return self.said(actions.schedule(session=self.thing, by=self.caller))

    @extend_schema(request=None, responses=answers({200: SessionOut}))
    @asks("seminars.cancel_session", session_of)
    def cancel(self, request: Request, code: str) -> Response:
        """Everybody invited is told; the session stays in the history."""
        self.given(Empty)
        return self.said(actions.cancel(session=self.thing, by=self.caller))
