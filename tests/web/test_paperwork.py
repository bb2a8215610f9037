"""Paper sheets: pages by their content, handed out harmlessly; the grid of signatures."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from seminars.models import Export, PresenceEvent, Scan
from seminars.queries.sheets import sheet
from seminars.vocabulary import Hand, Source
from tests import cast, difficult
from tests.seminars.actions.test_scans import EICAR, PNG, pdf
from web.exports import WHAT

pytestmark = pytest.mark.django_db


@pytest.fixture
def hard(db, clock):
    found = difficult.difficult()
    clock.at(found.session.closed_at + timedelta(hours=1))
    return found


@pytest.fixture
def host(client, hard):
    caches["shared"].clear()
    cast.signed_in(client, hard.people["elia"])
    client.cookies["django_language"] = client.cookies["language"] = "en"
    return client


def url(name, session, *more):
    return reverse(name, args=[session.code, *more])


def send(client, session, content=PNG, name="page.png", claimed="image/png", **more):
    file = SimpleUploadedFile(name, content, content_type=claimed)
    return client.post(url("session-scans", session), {"file": file, "slot": ""} | more)


def test_a_page_is_kept_and_leads_to_typing_it_in(host, hard):
    response = send(host, hard.session, name="../../évil <b>.png", slot="1")
    page = Scan.objects.get()
    assert response["Location"] == url("session-typed", hard.session) + f"?scan={page.code}"
    assert (page.name, page.slot.number, page.added_by) == ("évil <b>.png", 1, hard.people["elia"])
    shown = host.get(url("session-scans", hard.session)).content.decode()
    assert "évil &lt;b&gt;.png" in shown
    assert f'value="{page.code}" selected' in host.get(response["Location"]).content.decode()


@pytest.mark.parametrize(
    ("content", "name", "claimed"),
    [
        (b"<html><script>1</script>", "sheet.pdf", "application/pdf"),
        (b'<svg xmlns="http://www.w3.org/2000/svg"><script/></svg>', "sheet.png", "image/png"),
        (b"%PDF-1.4 <script>alert(1)</script>", "sheet.pdf", "application/pdf"),
        (pdf(b"<</S /JavaScript>>"), "sheet.pdf", "application/pdf"),
        (b"", "sheet.pdf", "application/pdf"),
        (EICAR, "sheet.jpg", "image/jpeg"),
        (b"PK\x03\x04" + bytes(99), "sheet.pdf", "application/pdf"),
    ],
)
def test_what_is_no_page_is_refused_at_its_field_whatever_it_is_called(host, hard, content, name, claimed):
    response = send(host, hard.session, content, name, claimed)
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["file"])
    assert not Scan.objects.exists()


def test_a_page_is_handed_out_as_a_file_that_cannot_act(host, hard):
    send(host, hard.session, pdf(), 'a".html', "text/html")
    page = Scan.objects.get()
    assert host.get(url("session-scan", hard.session, page.code))["Location"] == url(
        "session-scans", hard.session
    )
    assert not Export.objects.exists()
    response = host.post(url("session-scan", hard.session, page.code))
    log = Export.objects.get()
    assert (log.what, log.person, log.session) == ("scan", hard.people["elia"], hard.session)
    assert log.what in WHAT
    assert response.content == pdf()
    assert response["Content-Type"] == "application/pdf"
    assert response["Content-Disposition"] == (
        f'attachment; filename="viso-{hard.session.code}-{page.code}.pdf"'
    )
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response["Content-Security-Policy"]


def test_a_page_of_another_session_is_not_found(host, hard, elia):
    send(host, hard.session)
    code, other = Scan.objects.get().code, cast.make_session(elia)
    assert host.post(url("session-scan", other, code)).status_code == 404
    assert host.post(url("session-scan-remove", other, code)).status_code == 404
    assert host.get(url("session-scan-remove", hard.session, code))["Location"] == url(
        "session-scans", hard.session
    )
    assert Scan.objects.count() == 1
    assert host.post(url("session-scan-remove", hard.session, code)).status_code == 302
    assert not Scan.objects.exists()


def key(person, slot):
    return f"{person.code}_{slot}"


def test_ticks_and_hours_become_signatures_on_paper(host, hard):
    send(host, hard.session)
    page, karim, camille = Scan.objects.get(), hard.people["karim"], hard.people["camille"]
    sent = {
        "scan": page.code,
        f"tick_{key(karim, 1)}": "on",
        f"from_{key(karim, 1)}": "9:30",
        f"to_{key(karim, 1)}": "11:00",
    }
    assert host.post(url("session-typed", hard.session) + "?hours=1", sent).status_code == 302
    sent = {"scan": page.code, f"tick_{key(camille, 2)}": "on"}
    assert host.post(url("session-typed", hard.session), sent).status_code == 302
    rows = {row.person.key: row for row in sheet(hard.session).rows}
    assert (rows["karim"].parts[0].minutes, rows["karim"].parts[0].signature.is_paper) == (90, True)
    assert [mark.hand for mark in rows["camille"].parts[1].trainer_marks] == [Hand.TRAINER]
    typed = PresenceEvent.objects.filter(source=Source.PAPER, data__scan=page.digest)
    assert typed.count() == 2


@pytest.mark.parametrize(
    ("more", "field"),
    [
        ({"tick": "on", "from": "9:30"}, "to"),
        ({"from": "9:30", "to": "10:00"}, "tick"),
        ({"tick": "on", "from": "11:00", "to": "10:00"}, "to"),
        ({"tick": "on", "from": "25:00", "to": "10:00"}, "from"),
    ],
)
def test_hours_that_do_not_fit_are_refused_in_their_cell(host, hard, more, field):
    karim = hard.people["karim"]
    sent = {f"{name}_{key(karim, 1)}": value for name, value in more.items()} | {"reason": "No page"}
    response = host.post(url("session-typed", hard.session) + "?hours=1", sent)
    assert (response.status_code, list(response.context["form"].errors)) == (
        422,
        [f"{field}_{key(karim, 1)}"],
    )
    assert not PresenceEvent.objects.filter(source=Source.PAPER, person=karim).exists()


def test_without_a_page_the_form_asks_why_and_keeps_the_ticks(host, hard):
    tick = f"tick_{key(hard.people['karim'], 1)}"
    response = host.post(url("session-typed", hard.session), {"scan": "", tick: "on"})
    assert (response.status_code, list(response.context["form"].errors)) == (422, ["reason"])
    assert response.context["form"][tick].value()
    sent = {"scan": "", tick: "on", "reason": "The paper is in Turin."}
    assert host.post(url("session-typed", hard.session), sent).status_code == 302
    other = f"tick_{key(hard.people['camille'], 2)}"
    response = host.post(url("session-typed", hard.session), {other: "on", "reason": "She asked me to."})
    assert (response.status_code, list(response.context["form"].errors)) == (422, [other])


def test_nothing_ticked_is_said(host, hard):
    response = host.post(url("session-typed", hard.session), {})
    assert response.status_code == 422
    assert "Tick at least one signature." in response.content.decode()


def test_who_has_signed_or_is_excused_has_nothing_to_tick(host, hard):
    page = host.get(url("session-typed", hard.session)).content.decode()
    assert f"tick_{key(hard.people['ange'], 1)}" not in page
    assert f"tick_{key(hard.people['daniele'], 2)}" not in page
    assert f"tick_{key(hard.people['karim'], 1)}" in page


def test_with_hours_one_half_day_is_typed_at_a_time(host, hard):
    page = host.get(url("session-typed", hard.session) + "?hours=2").content.decode()
    assert f"from_{key(hard.people['karim'], 2)}" in page
    assert f"tick_{key(hard.people['karim'], 1)}" not in page
