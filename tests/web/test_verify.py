"""A stranger verifies: by the printed code, by the file, and whatever was done to either."""

import json
from base64 import b64encode

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction

from seminars.actions import keeping, sealing
from seminars.actions.ledger import append
from seminars.evidence import chain, seals
from seminars.models import Certificate, ErasureRequest, Export, PresenceEvent, SealedSheet, Session
from seminars.moments import as_if
from seminars.queries import certified, sealed
from seminars.vocabulary import Certified
from tests import cast
from tests.difficult import difficult, hour
from tests.guarded import tampering

pytestmark = pytest.mark.django_db
ENGLISH = {"HTTP_ACCEPT_LANGUAGE": "en"}


@pytest.fixture(autouse=True)
def places(settings, tmp_path):
    settings.SEAL_KEY = b64encode(bytes(range(32))).decode()
    settings.SEALS_DIR = tmp_path / "seals"


@pytest.fixture
def made():
    return difficult()


def seal(made, **more):
    with as_if(hour(17)):
        return sealing.seal(session=made.session, by=made.people["elia"], **more)


def more_comes(made):
    with as_if(hour(17, 5)), transaction.atomic():
        append(
            session=made.session,
            person=made.people["jeanne"],
            author=made.people["elia"],
            kind="corrected",
            source="trainer",
            at=hour(17, 5),
            slot_number=2,
            reason="Left at three",
            data={"times": [[chain.stamp(hour(13, 45)), chain.stamp(hour(15))]]},
        )


def look(client, code) -> str:
    return client.get(f"/verify/{code}/", **ENGLISH).content.decode()


def upload(client, told, name="sheet.json"):
    raw = told if isinstance(told, bytes) else json.dumps(told).encode()
    return client.post("/verify/", {"file": SimpleUploadedFile(name, raw)}, **ENGLISH)


def verdict(answer) -> tuple[str, str]:
    return str(answer.context["found"].verdict), answer.context["found"].why


def test_the_printed_code_finds_its_sheet_and_names_nobody(client, made):
    done = seal(made)
    text = look(client, done.code)
    assert "It matches" in text
    assert done.digest[:8] in text
    assert not any(person.name in text for person in made.people.values())


def test_a_code_is_typed_in_groups_and_capitals(client, made):
    code = seal(made).code
    typed = " ".join(code[at : at + 4] for at in range(0, 16, 4)).upper()
    answer = client.get("/verify/", {"code": typed}, **ENGLISH)
    assert answer["Location"] == f"/verify/{code}/"


def test_an_unknown_code_is_said_and_keeps_the_way(client, db):
    answer = client.get("/verify/aaaabbbbccccdddd/", **ENGLISH)
    assert (answer.status_code, verdict(answer)) == (404, ("unknown", "absent"))
    assert client.get("/verify/é%00--/", **ENGLISH).status_code == 404
    assert client.get("/verify/", {"code": " - "}, **ENGLISH).status_code == 422


def test_a_new_version_supersedes_the_old_one(client, made):
    first = seal(made)
    more_comes(made)
    assert "A newer version may follow" in look(client, first.code)
    second = seal(made, reason="Jeanne left earlier")
    assert "Version 2 has taken its place" in look(client, first.code)
    assert "It matches" in look(client, second.code)


def test_a_condensed_session_still_matches(client, made):
    done = seal(made)
    keeping.condense(session=made.session)
    assert not PresenceEvent.objects.filter(session=made.session).exists()
    text = look(client, done.code)
    assert "It matches" in text
    assert "no longer kept" in text


def test_a_confidential_session_is_verified_without_its_title(client, made):
    Session.objects.filter(pk=made.session.pk).update(is_confidential=True)
    made.session.refresh_from_db()
    text = look(client, seal(made).code)
    assert "It matches" in text
    assert made.session.title_fr not in text


def test_what_was_changed_in_the_database_differs(client, made):
    done = seal(made)
    with tampering():
        PresenceEvent.objects.filter(seq=done.count).update(hash="f" * 64)
    assert verdict(client.get(f"/verify/{done.code}/")) == ("differs", "ledger")
    with tampering():
        SealedSheet.objects.update(content=done.content | {"planned": 1})
    assert verdict(client.get(f"/verify/{done.code}/")) == ("differs", "record")


def test_the_exported_sheet_and_seal_match(client, made):
    done = seal(made)
    answer = upload(client, sealed.sheet_file(done))
    assert verdict(answer) == ("matches", "")
    assert answer.context["found"].has_names
    assert verdict(upload(client, sealed.seal_file(done), "seal.json")) == ("matches", "")


def changed(told, *way, to):
    inner = told
    for step in way[:-1]:
        inner = inner[step]
    inner[way[-1]] = to
    return told


@pytest.mark.parametrize(
    ("way", "to", "why"),
    [
        (("content", "rows", 0, "minutes"), 999, "content"),
        (("content", "held"), 1.5, "content"),
        (("content", "about", "place"), "\ud800", "content"),
        (("seal", "count"), 1, "signature"),
        (("seal", "count"), None, "signature"),
        (("signature",), "AAAA", "signature"),
        (("seal",), {}, "signature"),
        (("people", "aa"), {}, "people"),
        (("people", "aa"), [], "people"),
    ],
)
def test_each_change_of_the_file_is_found(client, made, way, to, why):
    told = json.loads(json.dumps(sealed.sheet_file(seal(made))))
    assert verdict(upload(client, changed(told, *way, to=to))) == ("differs", why)


def test_another_name_in_the_file_is_found(client, made):
    told = json.loads(json.dumps(sealed.sheet_file(seal(made))))
    subject = next(iter(told["people"]))
    told["people"][subject]["name"] = "Somebody Else"
    assert verdict(upload(client, told)) == ("differs", "people")


def test_a_seal_of_somebody_elses_key_is_unknown(client, made, settings):
    told = sealed.seal_file(seal(made))
    settings.SEAL_KEY = b64encode(bytes(32)).decode()
    told["seal"]["public_key"] = seals.public_key()
    told["signature"] = seals.sign(told["seal"])
    settings.SEAL_KEY = b64encode(bytes(range(32))).decode()
    assert verdict(upload(client, told)) == ("unknown", "key")


def test_our_seal_whose_record_is_gone_is_told_so(client, made):
    told = sealed.seal_file(seal(made))
    with tampering():
        SealedSheet.objects.all().delete()
    assert verdict(upload(client, told)) == ("unknown", "lost")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"[]",
        b"{}",
        b"\xff\xfe",
        b"[" * 100_000,
        b'{"seal": 1}',
        b'{"seal": {}, "signature": 1}',
        b"x" * 1_100_000,
    ],
)
def test_what_is_no_exported_file_is_refused_in_words(client, db, raw):
    answer = upload(client, raw)
    assert answer.status_code == 422
    assert answer.context["file_form"].errors["file"]


def certificate(made, **more):
    facts = {
        "title": {"fr": "Les mots", "it": "Le parole"},
        "zone": "Europe/Paris",
        "person": {"name": "Ange Prénom-Nom"},
        "attended": [[chain.stamp(hour(9)), chain.stamp(hour(12))]],
        "minutes": 170,
        "planned": 180,
        "percent": 94,
    }
    done = Certificate(
        **{
            "number": "V-2026-0001",
            "kind": Certified.BILINGUAL,
            "session": made.session,
            "facts": facts,
            "digest": seals.digest(facts),
            "issued_at": hour(18),
            "person": made.people["ange"],
            "public_key": seals.public_key(),
        }
        | more
    )
    done.signature = seals.sign(certified.seal_of(done))
    done.save()
    return done


def test_a_certificate_is_verified_by_its_code_and_by_its_file(client, made):
    done = certificate(made)
    text = look(client, done.code)
    assert "It matches" in text
    assert "V-2026-0001" in text
    assert "Ange" not in text
    assert verdict(upload(client, {"code": done.code, "facts": done.facts})) == ("matches", "")
    assert verdict(upload(client, {"code": done.code, "facts": {"zone": "x"}})) == ("differs", "content")


def test_a_newer_issue_supersedes_and_a_withdrawn_one_no_longer_counts(client, made):
    first = certificate(made)
    second = certificate(made, issue=2)
    assert verdict(client.get(f"/verify/{first.code}/")) == ("superseded", "")
    Certificate.objects.filter(pk=second.pk).update(withdrawn_at=hour(19))
    assert verdict(client.get(f"/verify/{second.code}/")) == ("withdrawn", "")


def test_a_certificate_whose_person_was_erased_still_matches(client, made):
    done = certificate(made, facts={}, digest="1" * 64, person=None)
    assert verdict(client.get(f"/verify/{done.code}/")) == ("differs", "record"), "nobody has asked for it"
    ErasureRequest.objects.create(asked_at=hour(19), erased_at=hour(20))
    assert verdict(client.get(f"/verify/{done.code}/")) == ("matches", "")


def test_a_certificate_tells_what_it_attests_and_compares_a_name(client, made):
    done = certificate(made)
    here = f"/verify/{done.code}/"
    text = look(client, done.code)
    assert "170 of 180 minutes, 94 %" in text
    assert "12 March 2026" in text
    assert "not whose they are" in text
    same = client.post(here, {"name": "prenom nom ANGE"}, **ENGLISH).content.decode()
    assert "is made out to this name" in same
    other = client.post(here, {"name": "Bruna"}, **ENGLISH).content.decode()
    assert "another name than this" in other
    assert "Prénom-Nom" not in same + other
    assert client.post(here, {"name": ""}, **ENGLISH).status_code == 422


def test_a_certificate_that_was_written_in_the_database_differs(client, made):
    done = certificate(made)
    facts = done.facts | {"minutes": 9999}
    with tampering():
        Certificate.objects.filter(pk=done.pk).update(facts=facts, digest=seals.digest(facts))
    answer = client.get(f"/verify/{done.code}/")
    assert verdict(answer) == ("differs", "record")
    assert "9999" not in answer.content.decode()


def test_what_another_key_has_signed_is_said_so(client, made, settings):
    done, sheet = certificate(made), seal(made)
    settings.SEAL_KEY = b64encode(bytes(range(1, 33))).decode()
    assert verdict(client.get(f"/verify/{done.code}/")) == ("foreign", "foreign")
    answer = client.get(f"/verify/{sheet.code}/", **ENGLISH)
    assert verdict(answer) == ("foreign", "foreign")
    assert "It was sealed with another key" in answer.content.decode()


def test_a_certificate_from_a_sheet_that_was_corrected_since_is_superseded(client, made):
    first = seal(made)
    cited = [{"session": made.session.code, "version": 1, "code": first.code, "seal": first.seal_hash}]
    done = certificate(made, facts={"sheets": cited}, digest=seals.digest({"sheets": cited}))
    done.sheets.set([first])
    assert verdict(client.get(f"/verify/{done.code}/")) == ("matches", "")
    more_comes(made)
    seal(made, reason="Jeanne left earlier")
    assert verdict(client.get(f"/verify/{done.code}/")) == ("superseded", "sheets")


def test_hosts_download_the_seal_and_the_sheet_and_the_log_says_so(client, made):
    done = seal(made)
    cast.signed_in(client, made.people["elia"])
    here = f"/sessions/{made.session.code}"
    assert client.get(f"{here}/seal.json").json() == sealed.seal_file(done)
    assert client.get(f"{here}/sheet.json").status_code == 405
    answer = client.post(f"{here}/sheet.json")
    assert answer.json() == json.loads(json.dumps(sealed.sheet_file(done)))
    assert "attachment" in answer["Content-Disposition"]
    assert Export.objects.get().rows == len(done.people)
    assert client.get(f"{here}/seal.json", {"version": "2"}).status_code == 404
    assert client.get(f"{here}/seal.json", {"version": "²"}).status_code == 404


def test_others_download_nothing(client, made):
    seal(made)
    cast.signed_in(client, made.people["ange"])
    assert client.get(f"/sessions/{made.session.code}/seal.json").status_code == 404
    assert client.post(f"/sessions/{made.session.code}/sheet.json").status_code == 404
