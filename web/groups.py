"""Groups of people who are invited together: the list, one of them, and what can be done with it."""

from functools import wraps
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from seminars.actions import groups as actions
from seminars.errors import Refused
from seminars.models import Group, Session
from seminars.permissions import allows
from seminars.queries import circles, invited
from web.access import View, asker, asks, person_of
from web.forms.groups import AddForm, GroupForm, KeepForm, NameForm
from web.forms.refusing import refuse, words
from web.invitations import shown
from web.posting import answers_form


def group_of(request: HttpRequest, group_code: str) -> Group | None:
    return Group.objects.select_related("organisation").filter(code=group_code).first()


def of_a_group_that_stands(view: View) -> View:
    """404 where somebody else deleted it since this request found it."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        try:
            return view(request, *args, **kwargs)
        except Group.DoesNotExist as gone:
            raise Http404 from gone

    return guarded


@asks("seminars.keep_group")
@require_http_methods(["GET", "HEAD", "POST"])
def groups(request: HttpRequest) -> HttpResponse:
    if "session" in request.POST:
        return kept(request)
    form = GroupForm(request.POST) if request.method == "POST" else GroupForm()
    if request.method == "POST" and form.is_valid():
        name, addresses = form.cleaned_data["name"], form.pasted.good
        try:
            group = actions.make(by=person_of(request), name=name, addresses=addresses)
        except Refused as refused:
            refuse(form, refused)
        else:
            return made(request, group)
    found = list(circles.groups_of(person_of(request)).select_related("organisation"))
    context = {"groups": found, "form": form}
    return render(request, "groups/groups.html", context, status=422 if form.errors else 200)


def kept(request: HttpRequest) -> HttpResponse:
    """The people that a session's page showed, under the name given there."""
    form = KeepForm(request.POST)
    code = str(form.data.get("session", ""))
    session = Session.objects.select_related("host").filter(code=code[:12]).first()
    if session is None or not allows("seminars.see_people", asker(request), session):
        raise Http404
    guests = shown(invited.guests(session), str(form.data.get("show", "")))
    if form.is_valid():
        people = [guest.invitation.person for guest in guests]
        try:
            group = actions.make(by=person_of(request), name=form.cleaned_data["name"], people=people)
        except Refused as refused:
            messages.warning(request, words(refused))
        else:
            return made(request, group)
    else:
        messages.warning(request, _("Give the group a name of at most 120 characters."))
    return redirect("session-people", code=session.code)


def made(request: HttpRequest, group: Group) -> HttpResponse:
    messages.success(request, _("The group “%(name)s” is kept.") % {"name": group.name})
    return redirect("group", group_code=group.code)


def page(request: HttpRequest, group: Group, **forms: Any) -> HttpResponse:
    context = {"group": group, "people": circles.members(group)}
    context["asks_to_empty"] = bool(context["people"]) and "empty" in request.GET
    context["form"] = forms.get("form") or NameForm(initial={"name": group.name})
    context["add_form"] = forms.get("add_form") or AddForm()
    failed = any(form.errors for form in forms.values())
    return render(request, "groups/group.html", context, status=422 if failed else 200)


@asks("seminars.keep_group", group_of)
@require_http_methods(["GET", "HEAD", "POST"])
@of_a_group_that_stands
def group(request: HttpRequest, group: Group, group_code: str) -> HttpResponse:
    """POST gives it another name."""
    if request.method != "POST":
        return page(request, group)
    form = NameForm(request.POST)
    if form.is_valid():
        try:
            group = actions.rename(group=group, by=person_of(request), name=form.cleaned_data["name"])
        except Refused as refused:
            refuse(form, refused)
        else:
            return made(request, group)
    return page(request, group, form=form)


@asks("seminars.keep_group", group_of)
@answers_form("group")
@of_a_group_that_stands
def add(request: HttpRequest, group: Group, group_code: str) -> HttpResponse:
    form = AddForm(request.POST)
    if form.is_valid():
        try:
            count = actions.add(group=group, by=person_of(request), addresses=form.pasted.good)
        except Refused as refused:
            refuse(form, refused)
        else:
            told = ngettext("%(n)s person is added.", "%(n)s people are added.", count) % {"n": count}
            messages.success(request, told)
            return redirect("group", group_code=group_code)
    return page(request, group, add_form=form)


@asks("seminars.keep_group", group_of)
@answers_form("group")
@of_a_group_that_stands
def empty(request: HttpRequest, group: Group, group_code: str) -> HttpResponse:
    """Takes out whoever is ticked, or everybody once that is said twice."""
    if "all" in request.POST and "sure" not in request.POST:
        return redirect(f"{reverse('group', args=[group_code])}?empty=1")
    ticked = None if "all" in request.POST else request.POST.getlist("person")[: actions.MOST_PEOPLE]
    try:
        count = actions.take_out(group=group, by=person_of(request), codes=ticked)
    except Refused as refused:
        messages.warning(request, words(refused))
    else:
        told = ngettext("%(n)s person is taken out.", "%(n)s people are taken out.", count) % {"n": count}
        messages.success(request, told)
    return redirect("group", group_code=group_code)


@asks("seminars.keep_group", group_of)
@answers_form("group")
@of_a_group_that_stands
def delete(request: HttpRequest, group: Group, group_code: str) -> HttpResponse:
    actions.delete(group=group, by=person_of(request))
    messages.success(request, _("The group “%(name)s” is deleted.") % {"name": group.name})
    return redirect("groups")


routes: list[URLPattern] = [
    path("groups/", groups, name="groups"),
    path("groups/<str:group_code>/", group, name="group"),
    path("groups/<str:group_code>/add/", add, name="group-add"),
    path("groups/<str:group_code>/empty/", empty, name="group-empty"),
    path("groups/<str:group_code>/delete/", delete, name="group-delete"),
]
