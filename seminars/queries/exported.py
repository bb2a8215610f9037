"""Which exports a coordinator may see: of her organisation's sessions, of those nobody keeps, and by its people."""

from django.db.models import Q, QuerySet

from seminars.models import Export, Organisation, Person, Session
from seminars.vocabulary import Role


def own(person: Person) -> QuerySet[Session]:
    """Sessions that her organisation hosts or organises."""
    if person.organisation_id is None:
        return Session.objects.none()
    hers = Q(host=person.organisation_id) | Q(organisers=person.organisation_id)
    return Session.objects.filter(pk__in=Session.objects.filter(hers).values("pk"))


def unkept() -> QuerySet[Session]:
    """Sessions that no coordinator's organisation hosts or organises: every coordinator answers for them."""
    kept = Organisation.objects.filter(people__role=Role.COORDINATOR, people__is_active=True).values("pk")
    theirs = Session.objects.filter(Q(host__in=kept) | Q(organisers__in=kept)).values("pk")
    return Session.objects.exclude(pk__in=theirs)


def seen_by(person: Person) -> QuerySet[Export]:
    """The newest first."""
    theirs = Q(session__in=own(person)) | Q(session__in=unkept()) | Q(person=person)
    if person.organisation_id is not None:
        theirs |= Q(person__organisation=person.organisation_id)
    return Export.objects.filter(theirs).select_related("person", "session").order_by("-at", "-pk")
