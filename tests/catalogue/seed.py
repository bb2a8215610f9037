"""A session that begins in five minutes, in the database of STATE_DIR, for the catalogue's real servers.

`python -m tests.catalogue.seed 12` invites twelve guests and prints codes, cookies and keys as JSON.
"""

import json
import sys
from datetime import timedelta

from tests.realtime.live_data import cookie  # sets Django up: before the models

from django.core.management import call_command  # isort: skip

from seminars.actions import people
from seminars.models import Person
from seminars.moments import local, now
from seminars.vocabulary import Role
from tests import cast


def main(guests: int) -> None:
    call_command("migrate", verbosity=0)
    dominique = cast.person("dominique", "Dominique Modele", Role.TRAINER, "FR", "fr-county")
    start = local(now(), "Europe/Paris").replace(tzinfo=None, microsecond=0) + timedelta(minutes=5)
    session = cast.make_session(dominique, start)
    invited = [cast.person(f"guest{n:02}", f"Guest Number{n:02}") for n in range(guests)]
    invitations = cast.invite(session, *invited)
    everybody: list[Person] = [dominique, *invited]
    json.dump(
        {
            "code": session.code,
            "guests": [person.key for person in invited],
            "cookies": {str(person.key): cookie(person) for person in everybody},
            "invitations": {str(each.person.key): each.token for each in invitations},
            "sign_in": people.make_link(person=invited[0], lasts=timedelta(hours=2)).token,
            "calendar": people.make_calendar_key(person=invited[0], name="telephone")[1],
            "api": people.make_api_token(person=dominique, name="script", may_write=True)[1],
        },
        sys.stdout,
    )


if __name__ == "__main__":
    main(int(sys.argv[1]))
