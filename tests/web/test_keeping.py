"""One's own data and the wish to be forgotten; retention and exports for those who answer for them."""

import io
import json
import zipfile
from datetime import date, timedelta

import pytest
from django.urls import reverse

from seminars.actions import exports
from seminars.models import ErasureRequest, Export, LastPayment, Session
from seminars.moments import now
from seminars.vocabulary import Role
from tests import cast
from tests.keepsakes import sealed_difficult, sealing_at

pytestmark = pytest.mark.django_db
EN = {"headers": {"accept-language": "en"}}


@pytest.fixture
def made(tmp_path, settings):
    sealing_at(tmp_path, settings)
    return sealed_difficult()[0]


def test_the_archive_is_a_zip_that_holds_hers_alone_and_is_noted(client, made):
    ange = made.people["ange"]
    cast.signed_in(client, ange)
    place = reverse("my-data-download")
    assert client.get(place).url == reverse("my-data")
    assert not Export.objects.exists()
    answer = client.post(place)
    assert answer["Content-Type"] == "application/zip"
    assert answer["Content-Disposition"].startswith('attachment; filename="viso-my-data-')
    whole = zipfile.ZipFile(io.BytesIO(answer.content))
    assert whole.testzip() is None
    assert len(whole.namelist()) == 3
    data = json.loads(whole.read("data.json"))
    assert data["person"]["email"] == "ange@example.org"
    assert b"Bruna" not in b"".join(whole.read(name) for name in whole.namelist())
    lines = whole.read("minutes.csv").decode("utf-8-sig").splitlines()
    assert lines[1].split(";")[-2] == "345"
    noted = Export.objects.get()
    assert (noted.person, noted.what, noted.session) == (ange, "own data", None)
    assert noted.rows == sum(len(rows) for rows in data["rows"].values())


def test_the_page_says_what_goes_what_stays_and_why(client, made):
    cast.signed_in(client, made.people["ange"])
    page = client.get(reverse("my-data"), **EN).content.decode()
    assert "your account, your mail address" in page
    assert "No end yet" in page
    assert "European cohesion funds" in page
    LastPayment.objects.create(project="", paid_on=date(2026, 6, 1), entered_at=now())
    page = client.get(reverse("my-data"), **EN).content.decode()
    assert "Until Wednesday 31 December 2031." in page


def test_who_is_not_sure_is_not_forgotten(client, made):
    cast.signed_in(client, made.people["ange"])
    page = client.post(reverse("my-data-erase"), {}, **EN)
    assert page.status_code == 422
    assert b"Tick that you are sure" in page.content
    assert not ErasureRequest.objects.exists()


def test_who_is_forgotten_is_signed_out_and_does_not_come_back(client, made):
    ange = made.people["ange"]
    cast.signed_in(client, ange)
    answer = client.post(reverse("my-data-erase"), {"is_sure": "on"}, follow=True, **EN)
    assert "What may go is gone" in answer.content.decode()
    assert client.get(reverse("account")).status_code == 302
    assert ErasureRequest.objects.get().person == ange


def test_who_runs_what_is_to_come_is_told_so(client, dominique):
    session = cast.make_session(dominique)
    cast.signed_in(client, dominique)
    page = client.get(reverse("my-data"), **EN).content.decode()
    assert "Forget me" not in page
    assert reverse("session", args=[session.code]) in page
    assert client.post(reverse("my-data-erase"), {"is_sure": "on"}).status_code == 422


def test_a_coordinator_enters_the_last_payment_and_sees_each_end(client, made):
    cast.signed_in(client, made.people["camille"])
    place = reverse("retention")
    page = client.get(place, **EN).content.decode()
    assert "no end yet" in page
    assert "for 5 years" in page
    assert client.post(place, {"project": "", "paid_on": "1/6/2026"}).url == place
    assert "until Wednesday 31 December 2031" in client.get(place, **EN).content.decode()
    tomorrow = f"{(now() + timedelta(days=2)).date()}"
    page = client.post(place, {"project": "", "paid_on": tomorrow}, **EN)
    assert page.status_code == 422
    assert tomorrow in page.content.decode()
    assert LastPayment.objects.get().paid_on == date(2026, 6, 1)


def test_an_earlier_day_is_asked_about_before_it_is_kept(client, made):
    cast.signed_in(client, made.people["camille"])
    place, typed = reverse("retention"), {"project": "", "paid_on": "1.10.2026"}
    client.post(place, typed)
    asked = client.post(place, typed | {"paid_on": "1.6.2026"}, **EN)
    assert asked.status_code == 422
    page = asked.content.decode()
    assert "No session would lose its names today." in page
    assert 'name="paid_on" value="2026-06-01"' in page
    assert LastPayment.objects.count() == 1
    sure = {"project": "", "paid_on": "2026-06-01", "sure_of": "0"}
    assert client.post(place, sure).url == place
    assert [each.paid_on.month for each in LastPayment.objects.all()] == [10, 6]
    assert "replaced" in client.get(place, **EN).content.decode()


def test_sessions_without_an_end_are_listed(client, made):
    cast.signed_in(client, made.people["camille"])
    assert "Without an end" not in client.get(reverse("retention"), **EN).content.decode()
    Session.objects.filter(pk=made.session.pk).update(incident="The line fell again")
    assert "changed since its seal" in client.get(reverse("retention"), **EN).content.decode()


def test_profiles_of_a_sealed_session_grow_only(client, made):
    cast.signed_in(client, made.people["camille"])
    place, code = reverse("retention-profiles"), made.session.code
    for chosen, kept in (
        (["public"], ["training_fr", "eu_interreg"]),
        (["training_fr", "eu_interreg", "state_aid"], ["training_fr", "eu_interreg", "state_aid"]),
    ):
        client.post(place, {"session": code, f"{code}-profiles": chosen})
        assert Session.objects.get(pk=made.session.pk).retention == kept


def test_a_session_of_another_organisation_is_not_hers_to_keep(client, made, elia):
    other = cast.make_session(elia)
    cast.signed_in(client, made.people["camille"])
    answer = client.post(reverse("retention-profiles"), {"session": other.code})
    assert answer.status_code == 404
    assert other.code not in client.get(reverse("retention")).content.decode()


def test_exports_of_her_side_are_listed_and_others_are_not(client, made, andrea):
    camille, elia = made.people["camille"], made.people["elia"]
    other = cast.make_session(andrea)
    exports.log(what="bundle", by=elia, session=made.session, about="fr, 3 files", rows=15)
    exports.log(what="bundle", by=andrea, session=other, about="not hers", rows=1)
    exports.log(what="a new kind", by=camille)
    exports.log(what="sheet", by=None, session=made.session)
    cast.signed_in(client, camille)
    page = client.get(reverse("exports"), **EN).content.decode()
    for words in ("Bundle of a session", "fr, 3 files", "Elia Prova", "a new kind", "nobody known"):
        assert words in page
    assert "not hers" not in page


@pytest.mark.parametrize("count", [1, 3])
def test_a_longer_log_asks_no_more_of_the_database(client, made, count, django_assert_num_queries):
    for _number in range(count):
        exports.log(what="sheet", by=made.people["elia"], session=made.session)
    cast.signed_in(client, made.people["camille"])
    client.get(reverse("exports"))
    with django_assert_num_queries(4):
        client.get(reverse("exports"))


def test_exports_of_sessions_that_no_coordinator_keeps_are_seen_by_each(client, made, andrea, camille):
    made.session.organisers.clear()
    Session.objects.filter(pk=made.session.pk).update(host=cast.organisation("fr-alone", "FR"))
    exports.log(what="bundle", by=None, session=made.session, rows=12)
    for coordinator in (andrea, camille):
        cast.signed_in(client, coordinator)
        assert "Bundle of a session" in client.get(reverse("exports"), **EN).content.decode()
    cast.person("carla", "Carla Coordina", Role.COORDINATOR, "FR", "fr-alone")
    assert "Bundle of a session" not in client.get(reverse("exports"), **EN).content.decode()


@pytest.mark.parametrize("language", ["fr", "it"])
@pytest.mark.parametrize("name", ["my-data", "retention", "exports"])
def test_each_page_opens_in_each_language(client, made, name, language):
    camille = made.people["camille"]
    camille.language = language
    camille.save(update_fields=["language"])
    cast.signed_in(client, camille)
    page = client.get(reverse(name), headers={"accept-language": language})
    assert page.status_code == 200
