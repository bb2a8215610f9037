"""From the sheet to its seal: what does not fit, its reasons, one confirmation; and what comes after a correction."""

import re
from datetime import timedelta
from html import unescape

import pytest
from django.urls import reverse

from seminars.actions import correcting, explaining
from seminars.models import Export, SealedSheet, Session
from seminars.queries import consistency, sheets
from tests import cast, difficult

pytestmark = pytest.mark.django_db


@pytest.fixture
def hard(db, clock, settings, tmp_path):
    settings.SEALS_DIR = tmp_path / "seals"
    found = difficult.difficult()
    clock.at(found.session.closed_at + timedelta(hours=1))
    void(found, "ange", 1)
    void(found, "bruna", 2)
    return found


def void(hard, key, number):
    """Present, and not signed: a line of the report that needs a reason."""
    by, reason = hard.people["elia"], "a mix-up"
    correcting.void_signature(
        session=hard.session, person=hard.people[key], by=by, slot_number=number, reason=reason
    )


@pytest.fixture
def host(client, hard):
    cast.signed_in(client, hard.people["elia"])
    client.cookies["django_language"] = client.cookies["language"] = "en"
    return client


def url(name, session):
    return reverse(name, args=[session.code])


def text(response):
    return re.sub(r"\s+", " ", unescape(re.sub(r"<[^>]+>", " ", response.content.decode())))


def open_ones(session):
    return consistency.unexplained(session, sheets.sheet(Session.objects.get(pk=session.pk)))


def all_reasons(session):
    return {f"why:{finding.key}": f"It is so: {finding.kind}" for finding in open_ones(session)}


def test_the_report_names_each_line_its_people_and_has_a_place_for_the_reason(host, hard):
    response = host.get(url("session-seal", hard.session))
    assert response.status_code == 200
    html = response.content.decode()
    found = consistency.findings(hard.session, sheets.sheet(hard.session))
    assert found
    for finding in found:
        assert f'name="why:{finding.key}"' in html
        for person in finding.people:
            assert reverse("session-desk-person", args=[hard.session.code, person.code]) in html
    assert html.count("button go") == 1


def test_a_seal_waits_for_the_reasons_and_keeps_what_was_typed(host, hard):
    waiting = open_ones(hard.session)
    assert len(waiting) > 1
    sent = {f"why:{waiting[0].key}": "The valley had no power", "seen": seen(host, hard.session)}
    response = host.post(url("session-seal", hard.session), sent)
    assert response.status_code == 422
    assert "The valley had no power" in response.content.decode()
    assert not SealedSheet.objects.exists()
    assert hard.session.explanations.get().reason == "The valley had no power"


def test_reasons_alone_are_kept_and_the_seal_comes_later(host, hard):
    response = host.post(url("session-finding", hard.session), all_reasons(hard.session))
    assert (response.status_code, response["Location"]) == (302, url("session-seal", hard.session))
    assert open_ones(hard.session) == ()
    assert host.get(url("session-finding", hard.session))["Location"] == url("session-seal", hard.session)


def test_a_reason_that_is_too_long_stands_at_its_line(host, hard):
    finding = open_ones(hard.session)[0]
    for name in ("session-finding", "session-seal"):
        response = host.post(url(name, hard.session), {f"why:{finding.key}": "x" * 301})
        assert (response.status_code, list(response.context["form"].errors)) == (422, [f"why:{finding.key}"])
    assert not hard.session.explanations.exists()


def seal(host, session, **more):
    sent = all_reasons(session) | {"seen": seen(host, session), "name": "Elia Prova"}
    return host.post(url("session-seal", session), sent | more)


def seen(host, session):
    """What her page has shown her."""
    page = host.get(url("session-seal", session)).content.decode()
    return re.search(r'name="seen" value="([^"]+)"', page)[1]


def test_one_confirmation_seals_and_the_sheet_shows_it(host, hard):
    response = seal(host, hard.session)
    assert (response.status_code, response["Location"]) == (302, url("session-sheet", hard.session))
    made = SealedSheet.objects.get()
    response = host.get(url("session-sheet", hard.session))
    page = text(response)
    assert "Sealed, version 1" in page
    assert made.digest in page
    assert f"/verify/{made.code}/" in page
    assert response.context["sheet"].seal == made
    assert "Explained by Elia Prova" in page
    again = host.get(url("session-seal", hard.session))
    assert "nothing has changed since" in text(again)
    assert "button go" not in again.content.decode()


def test_nobody_seals_what_changed_after_she_looked(host, hard):
    looked = seen(host, hard.session)
    void(hard, "giulia", 1)
    for stale in (looked, "", "x.y"):
        response = seal(host, hard.session, seen=stale)
        assert response.status_code == 422
        assert "changed meanwhile" in text(response)
        assert not SealedSheet.objects.exists()
    assert all_reasons(hard.session) == {}, "her reasons are kept"
    assert seal(host, hard.session).status_code == 302


@pytest.mark.parametrize("what", ["title_fr", "walk_in", "name"])
def test_what_is_no_line_of_the_ledger_counts_as_seen_too(host, hard, what):
    looked = seen(host, hard.session)
    if what == "title_fr":
        Session.objects.filter(pk=hard.session.pk).update(title_fr="Autre titre")
    elif what == "name":
        session = Session.objects.get(pk=hard.session.pk)
        Session.objects.filter(pk=session.pk).update(roster=renamed(session, hard.people["ange"]))
    else:
        hard.session.walk_ins.update(is_confirmed=None, decided_at=None)
    assert "changed meanwhile" in text(seal(host, hard.session, seen=looked)), what


def renamed(session, person):
    return session.roster | {person.code: session.roster.get(person.code, {}) | {"name": "Somebody Else"}}


def test_a_colleagues_reason_outlives_a_form_that_was_sent_without_it(host, hard):
    looked, lines = seen(host, hard.session), open_ones(hard.session)
    hers, theirs = f"why:{lines[0].key}", lines[1].key
    by = hard.people["camille"]
    explaining.explain(session=hard.session, by=by, reasons={theirs: "The valley had no power"})
    sent = {"seen": looked, hers: "The bus was late", f"why:{theirs}": ""}
    response = host.post(url("session-seal", hard.session), sent)
    assert "changed meanwhile" in text(response)
    kept = set(hard.session.explanations.values_list("reason", flat=True))
    assert kept == {"The valley had no power", "The bus was late"}
    form = response.context["form"]
    assert [form[name].value() for name in (hers, f"why:{theirs}")] == [
        "The bus was late",
        "The valley had no power",
    ]


def test_who_countersigns_by_sealing_types_her_name(host, hard):
    for typed in ("", "Ange Esquisse"):
        refused = seal(host, hard.session, name=typed)
        assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["name"])
    assert not SealedSheet.objects.exists()
    assert open_ones(hard.session) == ()  # the reasons are kept all the same
    assert seal(host, hard.session, name="prova elia").status_code == 302


def test_a_correction_shows_as_changed_and_the_next_version_says_why(host, hard):
    seal(host, hard.session)
    void(hard, "giulia", 1)
    page = host.get(url("session-sheet", hard.session))
    assert page.context["sheet"].is_changed
    assert "has changed since it was sealed as version 1" in text(page)
    refused = seal(host, hard.session)
    assert (refused.status_code, list(refused.context["form"].errors)) == (422, ["reason"])
    assert seal(host, hard.session, reason="One signature was another person's").status_code == 302
    first, second = SealedSheet.objects.order_by("version")
    assert (second.version, second.supersedes) == (2, first.seal_hash)
    page = host.get(url("session-sheet", hard.session))
    assert "One signature was another person's" in text(page)
    old = host.get(url("session-sheet", hard.session) + "?version=1")
    assert "A later one has taken its place" in text(old)
    assert old.context["sheet"].version == 1
    assert host.get(url("session-sheet", hard.session) + "?version=9").status_code == 404


def test_a_sealed_sheet_prints_the_title_it_was_sealed_with(host, hard):
    seal(host, hard.session)
    Session.objects.filter(pk=hard.session.pk).update(title_fr="Autre", title_it="Altro", title_en="Other")
    page = host.get(url("session-sheet", hard.session))
    assert hard.session.title_fr in text(page)
    assert "<h1>Other" not in page.content.decode()


def test_a_running_session_is_closed_first_and_a_planned_one_leads_away(host, hard, elia):
    planned = cast.make_session(elia)
    assert host.get(url("session-seal", planned))["Location"] == url("session", planned)


def test_the_rows_for_a_spreadsheet_leave_a_line_in_the_log_of_exports(host, hard):
    assert host.get(url("session-sheet-csv", hard.session))["Location"] == url("session-sheet", hard.session)
    assert not Export.objects.exists()
    response = host.post(url("session-sheet-csv", hard.session))
    log = Export.objects.get()
    assert (log.person, log.session, log.what, log.rows) == (hard.people["elia"], hard.session, "sheet", 14)
    assert "signature declared" in response.content.decode()


@pytest.fixture
def running(db, clock):
    found = difficult.difficult(is_closed=False)
    clock.at(difficult.hour(16, 32))
    void(found, "ange", 1)
    return found


def test_the_closing_page_has_the_report_and_one_form_keeps_hours_and_reasons(client, running):
    session = running.session
    cast.signed_in(client, running.people["elia"])
    page = client.get(url("session-close", session))
    report = page.context["report"]
    name = next(iter(report.fields))
    assert f'name="{name}"' in page.content.decode()
    assert 'form="closing"' in page.content.decode()
    hours = {"held_from_1": "9:00", "held_to_1": "12:00", "held_from_2": "13:45", "held_to_2": "16:30"}
    refused = client.post(url("session-close", session), hours | {"reason": "", name: "It is known"})
    assert refused.status_code == 422
    assert "It is known" in refused.content.decode()
    response = client.post(url("session-close", session), hours | {"reason": "A cut", name: "It is known"})
    assert response.status_code == 302
    assert "It is known" in session.explanations.values_list("reason", flat=True)
