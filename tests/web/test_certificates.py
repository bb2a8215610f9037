"""Certificates in the browser: issued to many with progress shown, read and taken along, issued again, withdrawn."""

import io
import zipfile
from datetime import timedelta

import pypdf
import pytest
from django.core.cache import caches
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from seminars import moments
from seminars.actions import certificates
from seminars.models import Certificate, CertificateBatch, Export
from seminars.moments import as_if
from seminars.vocabulary import Certified
from seminars.work.certifying import Certifier
from tests import cast, certified
from tests.guarded import tampering

pytestmark = pytest.mark.django_db
AFTER = moments.at(certified.DAY, "Europe/Paris") + timedelta(days=1)


@pytest.fixture(autouse=True)
def after():
    caches["shared"].clear()
    with as_if(AFTER):
        yield


def client_of(person):
    return cast.signed_in(Client(HTTP_ACCEPT_LANGUAGE="en"), person)


def page(session, **more):
    return reverse("certificates", args=[session.code], **more)


def test_the_page_says_who_may_have_one_and_why_others_may_not(elia, ange, bruna):
    session = certified.held(elia, [(ange, 100), (bruna, 20)])
    shown = client_of(elia).get(page(session)).content.decode()
    assert f'value="{ange.code}" checked' in shown
    assert f'value="{bruna.code}"' not in shown
    assert "Present for less than is asked." in shown


def test_the_page_names_the_threshold_and_ticks_nobody_where_there_is_none(elia, ange):
    shown = client_of(elia).get(page(certified.held(elia, [(ange, 100)]))).content.decode()
    assert "Threshold: at least 80% of the planned time." in shown
    bare = certified.held(elia, [(ange, 20)], certified.DAY + timedelta(hours=4), min_presence_percent=None)
    shown = client_of(elia).get(page(bare)).content.decode()
    assert "No threshold is set for this session" in shown
    assert f'value="{ange.code}"' in shown
    assert " checked" not in shown


def test_few_are_made_at_once_and_their_names_lead_to_them(elia, ange, bruna):
    session = certified.held(elia, [(ange, 100), (bruna, 90)])
    client = client_of(elia)
    data = {"kind": "attestato", "language": "", "person": [ange.code, bruna.code]}
    answer = client.post(page(session), data, follow=True)
    assert answer.status_code == 200
    assert b"http-equiv" not in answer.content
    assert b"2 certificates issued" in answer.content
    shown = client.get(f"{page(session)}?kind=attestato").content.decode()
    assert shown.count("V-2027-000") == 2
    assert 'type="checkbox"' not in shown


def test_many_go_on_in_the_worker_while_the_page_loads_itself_anew(elia):
    people = certified.crowd(25)
    session = certified.held(elia, [(person, 50 if n == 20 else 95) for n, person in enumerate(people)])
    client = client_of(elia)
    data = {"kind": "realisation", "language": "it", "person": [person.code for person in people]}
    answer = client.post(page(session), data)
    shown = client.get(answer["Location"]).content.decode()
    assert '<meta http-equiv="refresh" content="20">' in shown
    main = shown[shown.index("<main") :]
    assert main.index("?still") == main.index("?", main.index("<a "))
    assert '<progress max="25" value="10">' in shown
    assert "http-equiv" not in client.get(f"{answer['Location']}?still").content.decode()
    assert "10 of 25" in client.get(page(session)).content.decode()
    worker = Certifier("worker")
    while worker.round():
        pass
    shown = client.get(answer["Location"]).content.decode()
    assert "http-equiv" not in shown
    assert "24 certificates issued" in shown
    assert people[20].name in shown
    assert set(Certificate.objects.values_list("language", flat=True)) == {"it"}


def test_nobody_ticked_is_said_and_nothing_is_made(elia, ange):
    session = certified.held(elia, [(ange, 100)])
    answer = client_of(elia).post(page(session), {"kind": "attestato", "language": "it"})
    assert answer.status_code == 422
    assert b"Tick at least one person." in answer.content
    assert f'value="{ange.code}" checked' not in answer.content.decode()
    assert not CertificateBatch.objects.exists()


def issued(session, person):
    data = {"kind": "bilingual", "language": "", "person": [person.code]}
    client_of(session.created_by).post(page(session), data)
    return Certificate.objects.get(person=person)


def test_its_person_reads_it_and_takes_it_along_which_is_noted(elia, ange, bruna):
    found = issued(certified.held(elia, [(ange, 100), (bruna, 100)]), ange)
    address = reverse("certificate", args=[found.code])
    client = client_of(ange)
    shown = client.get(address).content.decode()
    assert ange.name in shown
    assert "<svg" in shown
    assert "Withdraw" not in shown
    paper = client.post(reverse("certificate-pdf", args=[found.code]))
    assert paper["Content-Type"] == "application/pdf"
    assert paper["Content-Disposition"] == 'attachment; filename="V-2027-0001.pdf"'
    assert len(pypdf.PdfReader(io.BytesIO(paper.content)).pages) == 1
    [noted] = Export.objects.all()
    assert (noted.what, noted.person, noted.about, noted.rows) == ("certificate", ange, "V-2027-0001 pdf", 1)
    assert client_of(bruna).get(address).status_code == 404
    assert cast.signed_in(Client(), ange, invited=True).get(address).status_code == 302


def test_it_is_issued_again_and_withdrawn_with_a_reason(elia, ange):
    session = certified.held(elia, [(ange, 100)])
    found, client = issued(session, ange), client_of(elia)
    change = reverse("certificate-change", args=[session.code])
    data = {"certificate": found.code, "language": "it", "reason": "", "act": "reissue"}
    answer = client.post(change, data)
    assert answer.status_code == 422
    assert b"Say why: the certificate keeps the reason." in answer.content
    answer = client.post(change, data | {"reason": "Wrong language"}, follow=True)
    assert b"V-2027-0001/2" in answer.content
    old = client.get(reverse("certificate", args=[found.code])).content.decode()
    assert "A later issue takes the place of this one." in old
    newer = Certificate.objects.get(issue=2)
    client.post(change, {"certificate": newer.code, "reason": "Error", "act": "withdraw"})
    newer.refresh_from_db()
    assert newer.withdrawn_at is not None


def test_a_certificate_of_another_session_is_not_changed_here(elia, ange, dominique):
    found = issued(certified.held(elia, [(ange, 100)]), ange)
    other = cast.make_session(dominique)
    change = reverse("certificate-change", args=[other.code])
    data = {"certificate": found.code, "reason": "x", "act": "withdraw"}
    assert client_of(dominique).post(change, data).status_code == 404
    found.refresh_from_db()
    assert found.withdrawn_at is None


def test_all_papers_come_as_a_zip_in_parts_and_each_taking_is_noted(elia, monkeypatch):
    people = certified.crowd(3)
    session = certified.held(elia, [(person, 95) for person in people])
    client = client_of(elia)
    data = {"kind": "attestato", "language": "", "person": [person.code for person in people]}
    client.post(page(session), data)
    for part, count in (("1", 3), ("2", 0), ("0", 0)):
        answer = client.post(
            reverse("certificates-zip", args=[session.code]), {"kind": "attestato", "part": part}
        )
        if not count:
            assert answer.status_code == 302
            continue
        names = zipfile.ZipFile(io.BytesIO(answer.content)).namelist()
        assert names[0] == "V-2027-0001-guest-numero-000.pdf"
        assert len(names) == count
    assert Export.objects.get().rows == 3
    wrong = client.post(reverse("certificates-zip", args=[session.code]), {"kind": "diploma", "part": "x"})
    assert wrong.status_code == 404


def test_reading_pages_issues_nothing(elia, ange):
    session = certified.held(elia, [(ange, 100)])
    client = client_of(elia)
    for kind in Certified:
        assert client.get(f"{page(session)}?kind={kind.value}").status_code == 200
    assert not Certificate.objects.exists()
    assert not Export.objects.exists()


def verified(file: bytes = b"", code: str = "") -> str:
    client = Client(HTTP_ACCEPT_LANGUAGE="en")
    if code:
        return client.get(reverse("verify-code", args=[code])).content.decode()
    upload = SimpleUploadedFile("certificate.json", file, content_type="application/json")
    return client.post(reverse("verify"), {"file": upload}).content.decode()


def test_a_stranger_verifies_it_by_its_code_and_by_its_file(elia, ange):
    session = certified.held(elia, [(ange, 100)])
    found, client = issued(session, ange), client_of(ange)
    file = client.post(reverse("certificate-pdf", args=[found.code]), {"as": "json"}).content
    shown = verified(code=found.code)
    assert "It matches" in shown
    assert ange.name not in shown
    assert "It matches" in verified(file)
    assert "It differs" in verified(file.replace(b'"minutes": 100', b'"minutes": 101'))
    with tampering():
        Certificate.objects.filter(pk=found.pk).update(facts=found.facts | {"minutes": 1000})
        assert "It differs" in verified(code=found.code)
        Certificate.objects.filter(pk=found.pk).update(facts=found.facts)
    again = certificates.reissue(certificate=found, by=elia, reason="Wrong name")
    assert "A newer one has taken its place" in verified(code=found.code)
    assert "It matches" in verified(code=again.code)
    certificates.withdraw(certificate=again, by=elia, reason="Error")
    assert "It was withdrawn" in verified(code=again.code)
