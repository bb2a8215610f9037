"""An inspector looks on by a link: live and after, noted, never counted; a link that opens nothing says nothing."""

import re
import uuid
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from seminars import keys
from seminars.actions import attendance, declaring, explaining, inspectors, sealing, sessions
from seminars.errors import Refused
from seminars.models import InspectorLink, InspectorVisit, Lease, PresenceEvent, Session
from seminars.moments import local, now
from seminars.queries import consistency, sheets
from seminars.vocabulary import Where
from tests import cast

pytestmark = pytest.mark.django_db
MASK = re.compile(r'(?<=name="csrfmiddlewaretoken" value=")\w+')
EN = {"headers": {"accept-language": "en"}}


@pytest.fixture
def session(clock, dominique, ange, bruna):
    """Running since a minute; Ange is here, Bruna is not."""
    start = local(now(), "Europe/Paris").replace(tzinfo=None) + timedelta(minutes=5)
    session = cast.make_session(dominique, start, summary_fr="Premier module", place="")
    cast.invite(session, ange, bruna)
    clock.forward(minutes=6)
    sessions.open_(session=session, by=dominique)
    attendance.arrive(session=session, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    return Session.objects.get(pk=session.pk)


@pytest.fixture
def link(session, dominique):
    until = now() + timedelta(days=40)
    return inspectors.make(session=session, by=dominique, label="Région Exemple", expires_at=until)


def at(link, name="inspect"):
    return reverse(name, args=[link.token])


def test_looking_changes_nothing_and_the_click_opens(client, link):
    page = client.get(at(link), **EN)
    assert page.status_code == 200
    assert b"Ange Esquisse" not in page.content
    assert not InspectorVisit.objects.exists()
    assert client.get(at(link, "inspect-enter")).url == at(link)
    assert not InspectorVisit.objects.exists()
    assert client.post(at(link, "inspect-enter")).url == at(link)
    page = client.get(at(link), **EN)
    assert InspectorVisit.objects.count() == 1
    assert "Ange Esquisse" in page.content.decode()
    assert (
        page.headers["Cache-Control"].startswith("max-age=0") or "no-store" in page.headers["Cache-Control"]
    )


def test_who_is_present_stands_there_by_name_and_no_address_does(client, link, bruna):
    client.post(at(link, "inspect-enter"))
    text = client.get(at(link), **EN).content.decode()
    assert "Ange Esquisse" in text
    assert bruna.name not in text
    assert "@example.org" not in text
    assert "1 person at" in text


def test_the_inspector_is_never_counted(client, link, session):
    before = (PresenceEvent.objects.count(), Lease.objects.count(), len(sheets.sheet(session).rows))
    client.post(at(link, "inspect-enter"))
    client.post(at(link, "inspect-now"))
    assert (PresenceEvent.objects.count(), Lease.objects.count(), len(sheets.sheet(session).rows)) == before


def test_her_open_page_is_seen_in_the_room_and_a_visit_is_noted_once_an_hour(client, link, session, clock):
    client.post(at(link, "inspect-enter"))
    seq = Session.objects.get(pk=session.pk).live_seq
    clock.forward(minutes=1)
    answer = client.post(at(link, "inspect-now"), **EN)
    link.refresh_from_db()
    assert answer.status_code == 200
    assert b"Ange Esquisse" in answer.content
    assert b"<html" not in answer.content
    assert now() - link.seen_at < timedelta(seconds=30)
    assert Session.objects.get(pk=session.pk).live_seq == seq + 1
    assert InspectorVisit.objects.count() == 1
    clock.forward(minutes=62)
    assert client.post(at(link, "inspect-now")).status_code == 409
    assert b"Ange Esquisse" not in client.get(at(link)).content
    client.post(at(link, "inspect-enter"))
    assert InspectorVisit.objects.count() == 2


def test_what_opens_nothing_answers_alike(link, dominique, session, clock):
    expired = inspectors.make(
        session=session, by=dominique, label="A", expires_at=now() + timedelta(minutes=1)
    )
    revoked = inspectors.make(session=session, by=dominique, label="B", expires_at=now() + timedelta(days=1))
    inspectors.revoke(link=revoked, by=dominique)
    clock.forward(minutes=2)
    other = keys.derive("invitation", link.code)
    tokens = [expired.token, revoked.token, keys.derive("inspector", "zzzzzzzzzzzz"), other, "no-such-link"]
    pages = [Client().get(reverse("inspect", args=[token]), **EN) for token in tokens]
    assert {page.status_code for page in pages} == {404}
    whole = [page.content.decode().replace(token, "…") for page, token in zip(pages, tokens, strict=True)]
    assert len({MASK.sub("", text) for text in whole}) == 1
    posts = [Client().post(reverse("inspect-enter", args=[token])) for token in tokens]
    assert {post.status_code for post in posts} == {404}
    assert not InspectorVisit.objects.exists()


def test_a_link_that_is_taken_back_closes_the_open_page(client, link, dominique):
    client.post(at(link, "inspect-enter"))
    inspectors.revoke(link=link, by=dominique)
    assert client.get(at(link)).status_code == 404
    assert client.post(at(link, "inspect-now")).status_code == 404
    with pytest.raises(Refused) as refused:
        inspectors.look(link=link)
    assert refused.value.code == "link_old"


def test_after_the_closing_she_sees_the_sheet_and_no_longer_moves_the_room(
    client, link, session, dominique, clock
):
    clock.forward(minutes=90)
    sessions.close(session=session, by=dominique, reason="Plus court")
    client.post(at(link, "inspect-enter"))
    text = client.get(at(link), **EN).content.decode()
    assert "Attendance sheet" in text
    assert "Bruna Schizzo" in text
    assert "Closed, and not sealed yet." in text
    assert "Present now" not in text
    assert InspectorLink.objects.get().seen_at is None


def test_her_sheet_labels_its_digests_and_gives_no_hour_of_what_was_typed_in(
    client, link, session, dominique, ange, bruna, clock
):
    clock.forward(minutes=90)
    session = sessions.close(session=session, by=dominique, reason="Plus court")
    clock.forward(days=1)
    given = {"session": session, "slot_number": 1, "by": dominique, "reason": "Empty telephone"}
    declaring.declare_signature(**given, person=ange, mode=Where.VIDEO)
    for finding in consistency.findings(session, sheets.sheet(session)):
        explaining.explain(session=session, by=dominique, reasons={finding.key: "It is so"})
    made = sealing.seal(session=session, by=dominique)
    client.post(at(link, "inspect-enter"))
    page = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", client.get(at(link), **EN).content.decode()))
    assert f"Digest (SHA-256): {made.digest}" in page
    assert f"Last event (SHA-256): {made.head}" in page
    assert f"declared by the trainer ({dominique.name}: Empty telephone)" in page
    countersigned = local(made.sealed_at, "Europe/Paris")
    assert re.search(rf"signed \w+ {countersigned.day} \w+, {countersigned.hour}:", page)


@pytest.mark.parametrize("language", ["fr", "it", "en"])
def test_her_page_speaks_each_language(client, link, language):
    client.post(at(link, "inspect-enter"))
    page = client.get(at(link), headers={"accept-language": language})
    assert f'lang="{language}"' in page.content.decode()


def test_a_host_makes_a_link_sees_its_visits_and_takes_it_back(client, dominique, session):
    cast.signed_in(client, dominique)
    place = reverse("session-inspectors", args=[session.code])
    until = (local(now(), "Europe/Paris") + timedelta(days=3)).date()
    assert client.post(place, {"label": " DREETS  Exemple ", "until": f"{until}"}).url == place
    link = InspectorLink.objects.get()
    assert link.label == "DREETS Exemple"
    end = local(link.expires_at, "Europe/Paris")
    assert (end.date(), end.hour) == (until + timedelta(days=1), 0)
    page = client.get(place, **EN).content.decode()
    assert link.token in page
    assert "Not used so far." in page
    assert re.search(rf"Until \w+ {until.day} [^.]* inclusive\.", page)
    Client().post(at(link, "inspect-enter"))
    assert "1 visit, on" in client.get(place, **EN).content.decode()
    client.post(reverse("session-inspectors-revoke", args=[session.code]), {"link": link.code})
    assert link.token not in client.get(place).content.decode()


@pytest.mark.parametrize(
    ("label", "days"),
    [("", 3), ("x" * 121, 3), ("Région", -1), ("Région", 400), ("Région", None)],
)
def test_what_is_no_link_is_refused_and_what_was_typed_stays(client, dominique, session, label, days):
    cast.signed_in(client, dominique)
    until = "" if days is None else f"{(now() + timedelta(days=days)).date()}"
    page = client.post(reverse("session-inspectors", args=[session.code]), {"label": label, "until": until})
    assert page.status_code == 422
    assert page.context["form"]["label"].value() == label
    assert not InspectorLink.objects.exists()


def test_a_link_of_another_session_is_not_taken_back(client, link, elia):
    other = cast.make_session(elia)
    cast.signed_in(client, elia)
    place = reverse("session-inspectors-revoke", args=[other.code])
    assert client.post(place, {"link": link.code}).status_code == 404
    link.refresh_from_db()
    assert link.revoked_at is None
