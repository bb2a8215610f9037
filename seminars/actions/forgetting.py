"""Once a day: people go who were named to us, as members of a group, and of whom nothing came."""

from datetime import timedelta

from django.contrib.auth.hashers import UNUSABLE_PASSWORD_PREFIX
from django.db import transaction
from django.db.models import Exists, ManyToOneRel, OuterRef, QuerySet

from seminars.models import Person
from seminars.moments import now
from seminars.vocabulary import Role

KEPT = timedelta(days=1)
"""How long somebody stays known whom no group holds and no session names."""


@transaction.atomic
def forget_strangers() -> int:
    """Who is in no group, was never invited, and is named by no row of any table. Who ever signed in, was imported with
    a key, or has another role than that of a participant stays. Returns how many went."""
    gone = _unmet().select_for_update(of=("self",)).values_list("pk", flat=True)
    return _unmet().filter(pk__in=list(gone)).delete()[0]


def _unmet() -> QuerySet[Person]:
    found: QuerySet[Person] = Person.objects.filter(
        key=None,
        role=Role.PARTICIPANT,
        password__startswith=UNUSABLE_PASSWORD_PREFIX,
        last_login=None,
        created_at__lt=now() - KEPT,
    )
    for relation in Person._meta.get_fields(include_hidden=True):
        if isinstance(relation, ManyToOneRel):  # the rows of a many-to-many table are such too
            rows = relation.field.model._base_manager.filter(**{relation.field.name: OuterRef("pk")})
            found = found.filter(~Exists(rows))
    return found
