"""The pages, subject by subject; paths carry public codes, never primary keys, and are the same in all languages."""

from django.urls import URLPattern

from web import (
    account,
    answers,
    attendance,
    calendars,
    feedback,
    feeds,
    invitations,
    letters,
    pages,
    programme,
    rooms,
    sessions,
    style,
    today,
)

urlpatterns: list[URLPattern] = [
    *today.routes,
    *programme.routes,
    *sessions.routes,
    *invitations.routes,
    *answers.routes,
    *rooms.routes,
    *attendance.routes,
    *feedback.routes,
    *letters.routes,
    *feeds.routes,
    *calendars.routes,
    *account.routes,
    *pages.routes,
    *style.routes,
]
