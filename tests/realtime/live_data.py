"""A coming session in the database of STATE_DIR, for a real server: prints its code and cookies as JSON."""

import json
import os
import sys
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402 - the apps come first
from django.contrib.sessions.backends.db import SessionStore  # noqa: E402
from django.core.management import call_command  # noqa: E402

from seminars.models import Person  # noqa: E402
from seminars.moments import local, now  # noqa: E402
from seminars.vocabulary import Role  # noqa: E402
from tests import cast  # noqa: E402


def cookie(person: Person, level: str = "full") -> str:
    """The key of a cookie session as the HTML door starts one."""
    store = SessionStore()
    store[SESSION_KEY], store[BACKEND_SESSION_KEY] = str(person.pk), cast.PASSWORDLESS
    store[HASH_SESSION_KEY], store[cast.LEVEL] = person.get_session_auth_hash(), level
    store.create()
    return str(store.session_key)


def main() -> None:
    call_command("migrate", verbosity=0)
    dominique = cast.person("dominique", "Dominique Modele", Role.TRAINER, "FR", "fr-county")
    people = [cast.person("ange", "Ange Esquisse"), cast.person("bruna", "Bruna Schizzo", country="IT")]
    start = local(now(), "Europe/Paris").replace(tzinfo=None, microsecond=0) + timedelta(minutes=5)
    session = cast.make_session(dominique, start)
    cast.invite(session, *people)
    cookies = {str(person.key): cookie(person) for person in (dominique, *people)}
    json.dump({"code": session.code, "cookies": cookies}, sys.stdout)


if __name__ == "__main__":
    main()
