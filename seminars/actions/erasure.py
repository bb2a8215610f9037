"""Being forgotten: what no law asks for goes at once, the rest on its day; chains and totals stay (domain GDPR-5).

known -> asked (nothing opens for her any more, what may go has gone) -> erased (nobody can be found behind her code).
"""

import logging
from collections import Counter

from django.contrib.auth.hashers import make_password
from django.contrib.sessions.models import Session as WebSession
from django.db import transaction
from django.db.models import Model, Q, QuerySet

from seminars import moments
from seminars.actions import feeds, invitations, keeping
from seminars.errors import Refused
from seminars.facts import AccessRevoked, announce
from seminars.models import (
    CalendarKey,
    Certificate,
    CertificateBatch,
    ErasureRequest,
    Invitation,
    Letter,
    Person,
    Scheme,
    SealedSheet,
    Session,
    Substitution,
)
from seminars.queries import remaining
from seminars.queries.holdings import Fate, with_fate
from seminars.vocabulary import LetterState, Role, State

log = logging.getLogger(__name__)
NOBODY = "—"
"""Stands where a name stood; pages say "Person erased"."""


def address_of(person: Person) -> str:
    """Where no letter ever goes (RFC 2606 2)."""
    return f"{person.code}@erased.invalid"


@transaction.atomic
def ask(*, person: Person) -> ErasureRequest:
    """She wants to be forgotten. Her ways in, her words and her letters go at once, and what is to come goes on without
    her; what a law asks for stays until its day. Where nothing has to stay she is erased at once.

    Raises Refused: `erasure_leads` while she runs sessions that are to come, `erasure_asked`.
    """
    person = _hold(person)
    if remaining.led(person).exists():
        raise Refused("erasure_leads")
    needed = remaining.needed(person)
    request, is_new = ErasureRequest.objects.get_or_create(
        person=person,
        erased_at=None,
        defaults={"asked_at": moments.now(), "keep_until": remaining.until(needed)},
    )
    if not is_new:
        raise Refused("erasure_asked")
    _close(person)
    if not needed:
        request = _erase(request)
    return request


def _hold(person: Person) -> Person:
    """All that she stands in is held until the transaction ends: her sessions in order, her cycles, and then her row,
    as whoever writes a ledger, seals or certifies holds them too; what any of them writes is there afterwards."""
    held: set[int] = set()
    while more := set(remaining.standing(person).values_list("pk", flat=True)) - held:
        list(Session.objects.select_for_update().filter(pk__in=more).order_by("pk").values_list("pk"))
        held |= more
    list(Scheme.objects.select_for_update().filter(pk__in=remaining.schemes(person)).order_by("pk"))
    return Person.objects.select_for_update().get(pk=person.pk)


def _close(person: Person) -> None:
    """Nothing opens for her any more, and nothing is sent to her; what only she needed goes."""
    coming = Invitation.objects.active().filter(
        person=person, session__state=State.SCHEDULED, session__ends_at__gt=moments.now()
    )
    with feeds.together():
        for invitation in coming.order_by("session", "pk"):
            invitations.withdraw(invitation=invitation, by=person)
    feeds.end(CalendarKey.objects.filter(person=person))
    letters = Letter.objects.filter(person=person)
    letters.filter(state=LetterState.PENDING).update(state=LetterState.SUPERSEDED, owner="", lease_until=None)
    letters.update(content=None, last_error="")
    Invitation.objects.filter(person=person).update(note="")
    Substitution.objects.filter(invitation__person=person).update(note="")
    for model, field in with_fate(Fate.GOES_NOW):
        _take_out(model, field, person)
    _forget_browsers(person)
    named = Substitution.objects.filter(email__iexact=person.email)
    named.filter(decided_at=None).delete()
    named.update(name=NOBODY, email=address_of(person), note="")
    Person.objects.filter(pk=person.pk).update(
        email=address_of(person), password=make_password(None), is_active=False, last_login=None, key=None
    )
    announce(AccessRevoked(person.pk))


def _take_out(model: type[Model], field: str, person: Person) -> None:
    if model._meta.get_field(field).many_to_many:
        for row in model._base_manager.filter(**{field: person}):
            getattr(row, field).remove(person)
        return
    model._base_manager.filter(**{field: person}).delete()


def _forget_browsers(person: Person) -> None:
    """Whoever is signed in as her is so no longer; her pages keep nothing on the server."""
    for web in WebSession.objects.filter(expire_date__gt=moments.now()).iterator():
        if web.get_decoded().get("_auth_user_id") == str(person.pk):
            web.delete()


def _erase(request: ErasureRequest) -> ErasureRequest:
    """The last step: rows that were hers go or refer to nobody, her name leaves every sheet, her salt is forgotten, so
    that nothing in the chain leads to her any more."""
    person = request.person
    assert person is not None
    _leave_sheets(person)
    for model, field in with_fate(Fate.GOES):
        model._base_manager.filter(**{field: person}).delete()
    Certificate.objects.filter(person=person).update(facts={})
    for model, field in with_fate(Fate.UNNAMED):
        model._base_manager.filter(**{field: person}).update(**{field: None})
    Person.objects.filter(pk=person.pk).update(
        name=NOBODY,
        email=address_of(person),
        role=Role.PARTICIPANT,
        organisation=None,
        country="",
        sector="",
        function_fr="",
        function_it="",
        salt="",
        is_active=False,
    )
    request.person, request.erased_at = None, moments.now()
    request.keep_until = request.keep_until or request.erased_at.date()
    request.save(update_fields=["person", "erased_at", "keep_until"])
    return request


def _leave_sheets(person: Person) -> None:
    """Her entry leaves each sealed sheet and each list of a closing, her code what waits for certificates."""
    naming = SealedSheet.objects.filter(people__icontains=person.code)
    for made in naming.select_for_update().order_by("pk"):
        people = {key: told for key, told in made.people.items() if told.get("code") != person.code}
        SealedSheet.objects.filter(pk=made.pk).update(people=people)
    for session in Session.objects.filter(roster__has_key=person.code).select_for_update().order_by("pk"):
        session.roster.pop(person.code)
        session.save(update_fields=["roster"])
    waits = Q(people__icontains=person.code) | Q(refused__icontains=person.code)
    for batch in CertificateBatch.objects.filter(waits).select_for_update().order_by("pk"):
        waiting = [code for code in batch.people if code != person.code]
        refused = [each for each in batch.refused if each[0] != person.code]
        if (waiting, refused) != (batch.people, batch.refused):
            batch.people, batch.refused = waiting, refused
            batch.save(update_fields=["people", "refused"])


@transaction.atomic
def _finish(request: ErasureRequest) -> str:
    """What the day has brought to one request: "erased", "dated" where its end has changed, or nothing."""
    if request.person is not None:
        _hold(request.person)
    request = ErasureRequest.objects.select_for_update().get(pk=request.pk)
    if request.person is None or request.erased_at is not None:
        return ""
    found = due(request)
    if found == "erased":
        _erase(request)
    elif found == "dated":
        request.keep_until = remaining.until(remaining.needed(request.person))
        request.save(update_fields=["keep_until"])
    return found


def finish_due() -> Counter[str]:
    """Every open request whose day has come, one transaction each; the others are told their end anew."""
    return sum(keeping.each_of(open_requests, finish_one), start=Counter())


def open_requests() -> QuerySet[ErasureRequest]:
    found = ErasureRequest.objects.filter(erased_at=None, person__isnull=False)
    return found.select_related("person").order_by("pk")


def finish_one(request: ErasureRequest) -> Counter[str]:
    found = _finish(request)
    return Counter({found: 1} if found else {})


def due(request: ErasureRequest) -> str:
    """What `_finish` would do."""
    assert request.person is not None
    needed = remaining.needed(request.person)
    if not needed:
        return "erased"
    return "dated" if remaining.until(needed) != request.keep_until else ""
