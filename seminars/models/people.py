"""Persons, their organisations, and the keys by which they enter."""

from typing import ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models.functions import Lower

from seminars import keys
from seminars.keys import new_code
from seminars.vocabulary import Country, FeedScope, Language, Role, Sector, Zone


class Organisation(models.Model):
    """A legal entity of one side; both names are equal."""

    key = models.SlugField(max_length=60, unique=True)
    country = models.CharField(max_length=2, choices=Country)
    name_fr = models.CharField(max_length=200)
    name_it = models.CharField(max_length=200)
    kind = models.CharField(max_length=40, blank=True)
    email = models.EmailField(blank=True)

    def __str__(self) -> str:
        return self.name_fr


class People(BaseUserManager["Person"]):
    """Persons by their address, which is compared without case."""

    def by_email(self, email: str) -> "Person | None":
        return self.filter(email__iexact=email.strip()).first()

    def get_by_natural_key(self, username: str | None) -> "Person":
        return self.get(email__iexact=username)


class Person(AbstractBaseUser):
    """Somebody known by a mail address. No password: she enters by a link or a code sent to that address."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    key = models.SlugField(max_length=60, unique=True, null=True, blank=True)
    email = models.EmailField(max_length=254, unique=True)
    name = models.CharField(max_length=120)
    role = models.CharField(max_length=30, choices=Role, default=Role.PARTICIPANT)
    language = models.CharField(max_length=2, choices=Language, default=Language.FRENCH)
    timezone = models.CharField(max_length=40, choices=Zone, default=Zone.PARIS)
    country = models.CharField(max_length=2, choices=Country, blank=True)
    organisation = models.ForeignKey(
        Organisation, models.SET_NULL, null=True, blank=True, related_name="people"
    )
    function_fr = models.CharField(max_length=120, blank=True)
    function_it = models.CharField(max_length=120, blank=True)
    sector = models.CharField(max_length=20, choices=Sector, blank=True)
    salt = models.CharField(max_length=32, blank=True)
    is_active = models.BooleanField(default=True)
    created_at = models.DateTimeField(auto_now_add=True)

    USERNAME_FIELD = "email"
    objects: ClassVar[People] = People()

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(Lower("email"), name="one_person_per_address")]

    def __str__(self) -> str:
        return self.name

    @property
    def short_name(self) -> str:
        """First name and initial, for a video room (domain GDPR-6)."""
        first, _, rest = self.name.partition(" ")
        return f"{first} {rest[0]}." if rest else first


class Group(models.Model):
    """People who are invited together, kept under a name; owned by an organisation, so that it outlives an account."""

    code = models.CharField(max_length=12, unique=True, default=new_code, editable=False)
    name = models.CharField(max_length=120)
    organisation = models.ForeignKey(
        Organisation, models.CASCADE, null=True, blank=True, related_name="groups"
    )
    created_by = models.ForeignKey(Person, models.SET_NULL, null=True, related_name="groups_made")
    created_at = models.DateTimeField()
    people = models.ManyToManyField(Person, related_name="groups", blank=True)

    class Meta:
        ordering: ClassVar = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class SignInLink(models.Model):
    """One way in, once: a derived link and a derived number, valid for minutes. `nonce` changes nothing but the MAC."""

    code = models.CharField(max_length=12, unique=True, default=new_code)
    person = models.ForeignKey(Person, models.CASCADE, related_name="sign_in_links")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)

    @property
    def token(self) -> str:
        """The key of the link."""
        return keys.derive("sign-in", self.code)

    @property
    def number(self) -> str:
        """Six digits, to be typed on another device."""
        return keys.digits("sign-in-number", self.code)


class ApiToken(models.Model):
    """A personal key for scripts: random, its digest stored, shown once, revocable."""

    person = models.ForeignKey(Person, models.CASCADE, related_name="api_tokens")
    name = models.CharField(max_length=80)
    key_hash = models.CharField(max_length=64, unique=True)
    may_write = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class CalendarKey(models.Model):
    """The key of a personal calendar feed: random, its digest stored, shown once, revocable.

    `is_weak`: made by whoever came by an invitation's link; it ends with a withdrawn invitation.
    """

    person = models.ForeignKey(Person, models.CASCADE, related_name="calendar_keys")
    name = models.CharField(max_length=80)
    is_weak = models.BooleanField(default=False)
    key_hash = models.CharField(max_length=64, unique=True)
    scope = models.CharField(max_length=12, choices=FeedScope, default=FeedScope.ALL)
    language = models.CharField(max_length=2, choices=Language, blank=True)
    """Of the entries; empty: the person's own, whatever it is."""
    past_days = models.PositiveSmallIntegerField(null=True, blank=True)
    """How long what is over stays in it; None: as FEED_PAST_DAYS says."""
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)


class FeedVersion(models.Model):
    """One feed's number, raised in the transaction of each act that changes what stands in it.

    `name` is a calendar key's digest, or `public`; `version` the second of the change since 1970, and always more than
    before. No row: no such feed, or none any more.
    """

    name = models.CharField(max_length=64, primary_key=True)
    version = models.PositiveBigIntegerField(default=1)
