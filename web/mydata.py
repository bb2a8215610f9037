"""One's own data: what is held, the archive to take away, and the wish to be forgotten."""

from collections.abc import Iterable
from datetime import date

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from seminars.actions import erasure, exports
from seminars.errors import Refused
from seminars.models import Person, Session
from seminars.moments import now
from seminars.queries import holdings, owndata, remaining, retention
from web import idle
from web.access import asks, person_of
from web.archive import archive, count
from web.forms.keeping import SureForm
from web.forms.refusing import refuse
from web.posting import answers_form


def page(request: HttpRequest, form: SureForm) -> HttpResponse:
    """What would go at once, and what has to stay, until when and by which rule."""
    person = person_of(request)
    needed = remaining.needed(person)
    context = {
        "person": person,
        "form": form,
        "held": _held(person),
        "needed": _by_rule(needed),
        "until": remaining.until(needed),
        "waits": any(each.kept.waits for each in needed),
        "led": remaining.led(person).order_by("starts_at"),
    }
    return render(request, "keeping/mydata.html", context, status=422 if form.errors else 200)


def _by_rule(needed: Iterable[remaining.Needed]) -> list[tuple[retention.Kept, str, list[Session]]]:
    """What has to stay, its definition, and the sessions that stay by the same rule to the same day."""
    groups: dict[tuple[str, date | None], tuple[retention.Kept, str, list[Session]]] = {}
    for each in needed:
        words = str(retention.definition(each.kept.rule))
        key = words, each.kept.until
        groups.setdefault(key, (each.kept, words, []))[2].append(each.session)
    return list(groups.values())


def _held(person: Person) -> int:
    """How many rows are about her, or were made by her."""
    return sum(
        model._base_manager.filter(**{field: person}).count() for _name, model, field in holdings.references()
    )


@asks("seminars.keep_own_data")
@never_cache
@require_safe
def mydata(request: HttpRequest) -> HttpResponse:
    return page(request, SureForm())


@asks("seminars.keep_own_data")
@never_cache
@answers_form("my-data")
def download(request: HttpRequest) -> HttpResponse:
    """The archive; that it was taken is noted first."""
    person = person_of(request)
    found = owndata.everything(person)
    exports.log(what="own data", by=person, rows=count(found))
    response = HttpResponse(archive(found), content_type="application/zip")
    response["Content-Disposition"] = f'attachment; filename="viso-my-data-{now():%Y-%m-%d}.zip"'
    return response


@asks("seminars.keep_own_data")
@never_cache
@answers_form("my-data")
def erase(request: HttpRequest) -> HttpResponse:
    """What may go goes, and she is signed out."""
    form = SureForm(request.POST)
    if form.is_valid():
        try:
            if not form.cleaned_data["is_sure"]:
                raise Refused("not_sure", field="is_sure")
            asked = erasure.ask(person=person_of(request))
        except Refused as refused:
            refuse(form, refused)
        else:
            idle.leave(request)
            told = (
                _("You are erased.")
                if asked.erased_at
                else _("What may go is gone. Nothing opens for you here.")
            )
            messages.success(request, told)
            return redirect("home")
    return page(request, form)


routes: list[URLPattern] = [
    path("me/data/", mydata, name="my-data"),
    path("me/data/archive.zip", download, name="my-data-download"),
    path("me/data/erase/", erase, name="my-data-erase"),
]
