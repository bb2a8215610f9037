"""The grid: every route, live command and API action names its permission, and every role of the cast gets what the
table says, cell by cell. A route without a row here fails the run."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from realtime.protocol import COMMANDS
from seminars.actions import groups, people
from seminars.models import Person, Scan, Session
from seminars.moments import now
from seminars.permissions import ANYBODY, TABLE, Actor, Level, allows
from seminars.vocabulary import Role
from tests import cast, certified

ANYONE = {
    "nobody",
    "stranger",
    "linked",
    "participant",
    "elsewhere",
    "trainer",
    "other_trainer",
    "coordinator",
    "suspended",
}
KNOWN = ANYONE - {"nobody", "suspended"}
HOSTS = {"trainer", "coordinator"}
MEMBERS = {"linked", "participant"} | HOSTS
PLANNERS = {"trainer", "other_trainer", "coordinator"}

WEB = {
    "home": ("seminars.see_programme", ANYONE),
    "today": ("seminars.see_today", KNOWN),
    "answer": ("seminars.answer_invitation", {"linked", "participant"}),
    "programme": ("seminars.see_programme", ANYONE),
    "plan": ("seminars.plan_session", PLANNERS),
    "session": ("seminars.see_session", MEMBERS),
    "session-edit": ("seminars.edit_session", HOSTS),
    "session-move": ("seminars.move_session", HOSTS),
    "session-cancel": ("seminars.cancel_session", HOSTS),
    "session-schedule": ("seminars.edit_session", HOSTS),
    "session-people": ("seminars.invite_person", HOSTS),
    "session-invite": ("seminars.invite_person", HOSTS),
    "session-seats": ("seminars.invite_person", HOSTS),
    "groups": ("seminars.keep_group", PLANNERS),
    "group": ("seminars.keep_group", HOSTS),
    "group-add": ("seminars.keep_group", HOSTS),
    "group-empty": ("seminars.keep_group", HOSTS),
    "group-delete": ("seminars.keep_group", HOSTS),
    "invitation-withdraw": ("seminars.invite_person", HOSTS),
    "invitation": ("seminars.open_invitation", ANYONE),
    "invitation-answer": ("seminars.open_invitation", ANYONE),
    "invitation-dates": ("seminars.open_invitation", ANYONE),
    "invitation-language": ("seminars.open_invitation", ANYONE),
    "invitation-instead": ("seminars.open_invitation", ANYONE),
    "invitation-instead-back": ("seminars.open_invitation", ANYONE),
    "substitution-confirm": ("seminars.decide_substitution", HOSTS),
    "substitution-decline": ("seminars.decide_substitution", HOSTS),
    "invitation-room": ("seminars.open_invitation", ANYONE),
    "invitation-join": ("seminars.open_invitation", ANYONE),
    "invitation-feedback": ("seminars.open_invitation", ANYONE),
    "invitation-convocation": ("seminars.open_invitation", ANYONE),
    "convocation": ("seminars.see_convocation", HOSTS),
    "session-convocations": ("seminars.write_letters", HOSTS),
    "invitation-stop": ("seminars.unsubscribe", ANYONE),
    "session-room": ("seminars.enter_room", MEMBERS),
    "session-join": ("seminars.record_presence", MEMBERS),
    "session-video": ("seminars.record_presence", MEMBERS),
    "session-leave": ("seminars.record_presence", MEMBERS),
    "session-presence": ("seminars.record_presence", MEMBERS),
    "session-pulse": ("seminars.take_pulse", MEMBERS),
    "session-hand": ("seminars.raise_hand", MEMBERS),
    "session-check": ("seminars.answer_check", MEMBERS),
    "session-ask-check": ("seminars.ask_check", HOSTS),
    "session-live": ("seminars.enter_room", MEMBERS),
    "live-presence": ("seminars.replay_presence", ANYONE),
    "session-host": ("seminars.host_session", HOSTS),
    "session-open": ("seminars.open_session", HOSTS),
    "session-close": ("seminars.close_session", HOSTS),
    "session-confirm": ("seminars.confirm_presence", HOSTS),
    "session-sheet": ("seminars.see_sheet", HOSTS),
    "session-sheet-csv": ("seminars.see_sheet", HOSTS),
    "session-sheet-json": ("seminars.export_evidence", HOSTS),
    "session-seal-json": ("seminars.see_papers", set()),  # of a sheet that is sealed
    "verify": ("seminars.verify_document", ANYONE),
    "verify-code": ("seminars.verify_document", ANYONE),
    "session-seal": ("seminars.seal_sheet", HOSTS),
    "session-finding": ("seminars.explain_finding", HOSTS),
    "session-desk": ("seminars.declare_presence", HOSTS),
    "session-desk-person": ("seminars.declare_presence", HOSTS),
    "session-incident": ("seminars.declare_presence", HOSTS),
    "session-scans": ("seminars.keep_scans", HOSTS),
    "session-typed": ("seminars.keep_scans", HOSTS),
    "session-scan": ("seminars.keep_scans", HOSTS),
    "session-scan-remove": ("seminars.keep_scans", HOSTS),
    "session-inspectors": ("seminars.keep_inspectors", HOSTS),
    "session-inspectors-revoke": ("seminars.keep_inspectors", HOSTS),
    "inspect": ("seminars.inspect", ANYONE),
    "inspect-enter": ("seminars.inspect", ANYONE),
    "inspect-now": ("seminars.inspect", ANYONE),
    "session-sign": ("seminars.sign_slot", MEMBERS),
    "invitation-sign": ("seminars.open_invitation", ANYONE),
    "session-countersign": ("seminars.countersign", {"trainer"}),
    "session-code": ("seminars.show_code", HOSTS),
    "here-any": ("seminars.sign_here", ANYONE),
    "here": ("seminars.sign_here", ANYONE),
    "here-code": ("seminars.sign_here", ANYONE),
    "here-walk-in": ("seminars.sign_here", ANYONE),
    "session-walk-ins": ("seminars.decide_walk_in", HOSTS),
    "session-walk-in": ("seminars.decide_walk_in", HOSTS),
    "session-papers": ("seminars.see_papers", HOSTS),
    "session-paper": ("seminars.see_papers", HOSTS),
    "session-bundle": ("seminars.export_evidence", HOSTS),
    "emblem": ("seminars.read_page", ANYONE),
    "session-feedback": ("seminars.give_feedback", set()),
    "session-results": ("seminars.see_results", HOSTS),
    "schemes": ("seminars.plan_session", PLANNERS),
    "scheme": ("seminars.keep_scheme", HOSTS),
    "scheme-join": ("seminars.keep_scheme", HOSTS),
    "scheme-person": ("seminars.keep_scheme", HOSTS),
    "scheme-form": ("seminars.fill_scheme_form", {"linked", "participant"}),
    "scheme-certificates": ("seminars.keep_scheme", HOSTS),
    "scheme-certificates-zip": ("seminars.keep_scheme", HOSTS),
    "scheme-certificate-batch": ("seminars.keep_scheme", HOSTS),
    "scheme-certificate-change": ("seminars.keep_scheme", HOSTS),
    "certificates": ("seminars.issue_certificates", HOSTS),
    "certificates-zip": ("seminars.issue_certificates", HOSTS),
    "certificate-batch": ("seminars.issue_certificates", HOSTS),
    "certificate-change": ("seminars.issue_certificates", HOSTS),
    "certificate": ("seminars.see_certificate", {"participant"} | HOSTS),
    "certificate-pdf": ("seminars.see_certificate", {"participant"} | HOSTS),
    "my-record": ("seminars.see_own_record", KNOWN - {"linked"}),
    "session-message": ("seminars.write_message", HOSTS),
    "session-letters": ("seminars.invite_person", HOSTS),
    "session-letters-again": ("seminars.invite_person", HOSTS),
    "session-reminders": ("seminars.write_letters", HOSTS),
    "session-ask-again": ("seminars.write_message", HOSTS),
    "session-letters-preview": ("seminars.see_letters", HOSTS),
    "session-letter-alone": ("seminars.see_letters", HOSTS),
    "session-own-words": ("seminars.write_letters", HOSTS),
    "mailbox": ("seminars.see_demonstration", set()),
    "mailbox-letter": ("seminars.see_demonstration", set()),
    "demo": ("seminars.see_demonstration", set()),
    "demo-enter": ("seminars.see_demonstration", set()),
    "calendar-public": ("seminars.read_feed", ANYONE),
    "calendar-public-part": ("seminars.read_feed", ANYONE),
    "calendar-feed": ("seminars.read_feed", ANYONE),
    "calendars": ("seminars.read_feed", ANYONE),
    "calendar-revoke": ("seminars.revoke_calendar", {"participant"}),
    "calendar-renew": ("seminars.renew_calendar", {"participant"}),
    "session-file": ("seminars.read_file", MEMBERS),
    "invitation-file": ("seminars.open_invitation", ANYONE),
    "sign-in": ("seminars.sign_in", ANYONE),
    "sign-in-number": ("seminars.sign_in", ANYONE),
    "sign-in-link": ("seminars.sign_in", ANYONE),
    "sign-out": ("seminars.sign_in", ANYONE),
    "account": ("seminars.keep_account", KNOWN - {"linked"}),
    "letters-again": ("seminars.keep_account", KNOWN - {"linked"}),
    "my-data": ("seminars.keep_own_data", KNOWN - {"linked"}),
    "my-data-download": ("seminars.keep_own_data", KNOWN - {"linked"}),
    "my-data-erase": ("seminars.keep_own_data", KNOWN - {"linked"}),
    "retention": ("seminars.keep_retention", {"coordinator"}),
    "retention-profiles": ("seminars.keep_retention", {"coordinator"}),
    "exports": ("seminars.see_exports", {"coordinator"}),
    "token-make": ("seminars.keep_token", KNOWN - {"linked"}),
    "token-revoke": ("seminars.revoke_key", {"participant"}),
    "language": ("seminars.choose_language", ANYONE),
    "look": ("seminars.choose_language", ANYONE),
    "accessibility": ("seminars.read_page", ANYONE),
    "privacy": ("seminars.read_page", ANYONE),
    "help": ("seminars.read_page", ANYONE),
    "style": ("seminars.read_page", ANYONE),
}
LIVE = {
    "attendance.join": "seminars.record_presence",
    "attendance.beat": "seminars.record_presence",
    "attendance.leave": "seminars.record_presence",
    "attendance.confirm": "seminars.confirm_presence",
    "attendance.ask_check": "seminars.ask_check",
    "attendance.answer_check": "seminars.answer_check",
    "feedback.pulse": "seminars.take_pulse",
    "rooms.hand": "seminars.raise_hand",
    "live.fetch": "seminars.enter_room",
}
HOST_COMMANDS = {"attendance.confirm", "attendance.ask_check"}


ABSENT = (
    "verify-code",
    "calendar-feed",
    "calendar-public-part",
    "sign-in-link",
    "inspect",
    "inspect-enter",
    "inspect-now",
)
"""Open to everybody, though nothing stands at the address that is tried."""


def routes(patterns: Any = None, prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns or get_resolver().url_patterns:
        where = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, where)
        else:
            yield where, pattern


def web_routes() -> dict[str, URLPattern]:
    return {str(pattern.name): pattern for where, pattern in routes() if not where.startswith("api/")}


class Stage:
    """One session and everybody who stands in some relation to it."""

    def __init__(self) -> None:
        make = cast.person
        self.trainer = make("elia", "Elia Prova", Role.TRAINER, "IT", "it-coop")
        self.session: Session = cast.make_session(self.trainer)
        self.people: dict[str, Person | None] = {
            "nobody": None,
            "stranger": make("stranger", "Sam Inconnu"),
            "linked": make("linked", "Lou Lien"),
            "participant": make("ange", "Ange Esquisse"),
            "elsewhere": make("bruna", "Bruna Schizzo", country="IT"),
            "trainer": self.trainer,
            "other_trainer": make("dominique", "Dominique Modele", Role.TRAINER, "FR", "fr-county"),
            "coordinator": make("coco", "Coco Ordina", Role.COORDINATOR, "IT", "it-coop"),
            "suspended": make("gone", "Gael Parti", Role.TRAINER, "IT", "it-coop"),
        }
        self.invitation, *_ = cast.invite(
            self.session, self.people["participant"], self.people["linked"], self.people["suspended"]
        )
        other = cast.make_session(self.people["other_trainer"])
        cast.invite(other, self.people["elsewhere"])
        Person.objects.filter(key="gone").update(is_active=False)
        self.people["suspended"].refresh_from_db()
        self.group = groups.make(by=self.trainer, name="Cuneo", people=[self.people["participant"]])
        self.scan = Scan.objects.create(
            session=self.session, name="a", media_type="image/png", size=1, added_at=now()
        )
        self.scheme, self.certificate, self.batches = certified.cycle_of(
            self.session, self.people["participant"]
        )
        self.key, _ = people.make_calendar_key(person=self.people["participant"], name="Phone")
        self.token, _ = people.make_api_token(
            person=self.people["participant"], name="Script", may_write=False
        )

    def actor(self, role: str) -> Actor:
        person = self.people[role]
        if person is None:
            return ANYBODY
        return Actor(person, Level.INVITED if role == "linked" else Level.FULL)

    def client(self, role: str) -> Client:
        client, person = Client(), self.people[role]
        return client if person is None else cast.signed_in(client, person, invited=role == "linked")

    def address(self, pattern: URLPattern) -> str:
        given = {
            "code": self.session.code,
            "token": self.invitation.token,
            "person_code": self.people["participant"].code,
            "scheme_code": self.scheme.code,
            "form_kind": "needs",
            "certificate_code": self.certificate.code,
            "batch_code": self.batches[str(pattern.name).startswith("scheme-")].code,
            "person_key": "ange",
            "room_code": "aaaaaa",
            "scan_code": self.scan.code,
            "paper_kind": "programme",
            "fmt": "html",
            "group_code": self.group.code,
            "kind": "reminder",
            "asked": "nothing-asked",
            "pk": self.key.pk if str(pattern.name).startswith("calendar-") else self.token.pk,
            "language": "fr",
            "key": "no-such-key-of-any-calendar",
            "by": "activity",
            "name": "no-such.eml",
        }
        return reverse(str(pattern.name), kwargs={name: given[name] for name in pattern.pattern.converters})


@pytest.fixture
def stage(db: None) -> Stage:
    return Stage()


def test_every_route_has_a_row_and_asks_by_its_name():
    asked = {name: getattr(pattern.callback, "permission", None) for name, pattern in web_routes().items()}
    assert asked == {name: permission for name, (permission, _) in WEB.items()}


def test_every_permission_asked_is_in_the_table():
    named = {permission for permission, _ in WEB.values()} | set(LIVE.values())
    assert named <= set(TABLE)


@pytest.mark.parametrize("name", sorted(WEB))
def test_each_role_gets_what_the_grid_says(stage, name):
    """By GET, which changes no fact. Denied is 404 for whoever is signed in, the way to sign-in for whoever is not."""
    pattern, (_, allowed) = web_routes()[name], WEB[name]
    let_in = set()
    for role in ANYONE:
        answer = stage.client(role).get(stage.address(pattern), HTTP_ACCEPT_LANGUAGE="en")
        to_sign_in = answer.status_code == 302 and answer["Location"].startswith("/sign-in/?next=")
        if not (to_sign_in or (answer.status_code == 404 and name not in ABSENT)):
            let_in.add(role)
    assert let_in == allowed


FOREIGN = [
    name
    for name, (_, allowed) in WEB.items()
    if allowed != ANYONE and "code" in web_routes()[name].pattern.converters
]


@pytest.mark.parametrize("name", sorted(FOREIGN))
def test_foreign_and_absent_answer_alike(stage, name):
    """Same status, same length, for a stranger and for nobody."""
    address = stage.address(web_routes()[name])
    absent = address.replace(stage.session.code, "zzzzzzzzzzzz")
    for role in ("stranger", "nobody"):
        client = stage.client(role)
        mine, none = client.get(address), client.get(absent)
        assert mine.status_code == none.status_code
        assert len(mine.content) == len(none.content)


def test_every_live_command_has_a_row():
    assert {name: command.permission for name, command in COMMANDS.items()} == LIVE


@pytest.mark.parametrize("name", sorted(LIVE))
def test_live_commands_ask_the_same_table(stage, name):
    allowed = {role for role in ANYONE if allows(LIVE[name], stage.actor(role), stage.session)}
    assert allowed == (HOSTS if name in HOST_COMMANDS else MEMBERS)
