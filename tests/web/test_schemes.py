"""Training cycles in the browser: made, ruled, answered, judged, decided, certified; and one's own record."""

from datetime import timedelta

import pytest
from django.core.cache import caches
from django.test import Client
from django.urls import reverse

from seminars import moments
from seminars.actions import completion
from seminars.models import Certificate, Completion, Scheme, Session
from seminars.moments import as_if
from seminars.vocabulary import Asked
from tests import cast, certified

pytestmark = pytest.mark.django_db
AFTER = moments.at(certified.DAY, "Europe/Paris") + timedelta(minutes=30)
RULE = {"title_fr": "Les mots", "title_it": "Le parole", "min_percent": "75"}


@pytest.fixture(autouse=True)
def after():
    caches["shared"].clear()
    with as_if(AFTER):
        yield


def client_of(person, **more):
    return cast.signed_in(Client(HTTP_ACCEPT_LANGUAGE="en"), person, **more)


@pytest.fixture
def scheme(elia, ange, bruna) -> Scheme:
    session = certified.held(elia, [(ange, 100), (bruna, 20)])
    return completion.make(by=elia, name="Parole", sessions=[session])


def test_a_trainer_makes_a_cycle_of_her_sessions(elia, dominique):
    mine, foreign = cast.make_session(elia), cast.make_session(dominique)
    client = client_of(elia)
    shown = client.get(reverse("schemes")).content.decode()
    assert mine.code in shown
    assert foreign.code not in shown
    data = {"name": "Parole", "sessions": [mine.code]}
    answer = client.post(reverse("schemes"), data)
    made = Scheme.objects.get()
    assert answer["Location"] == reverse("scheme", args=[made.code])
    mine.refresh_from_db()
    assert mine.training_scheme == "Parole"
    data = {"name": "Other", "sessions": [foreign.code]}
    assert client.post(reverse("schemes"), data).status_code == 422


def test_a_name_that_sessions_bear_gets_a_rule_only_from_who_hosts_one(elia, dominique):
    cast.make_session(elia, extra={"training_scheme": "Parole"})
    assert b"Set a rule" in client_of(elia).get(reverse("schemes")).content
    own = cast.make_session(dominique)
    for chosen in ([], [own.code]):
        data = {"name": "Parole", "sessions": chosen}
        assert client_of(dominique).post(reverse("schemes"), data).status_code == 422
    assert client_of(elia).post(reverse("schemes"), {"name": "Parole"}).status_code == 302


def test_cycles_are_listed_by_a_title_that_people_read(elia, scheme):
    other = cast.make_session(elia, title_fr="Accueillir", title_it="Accogliere")
    Session.objects.filter(pk=other.pk).update(training_scheme="acc-2027")
    session = Session.objects.get(training_scheme="Parole")
    page = client_of(elia).get(reverse("schemes")).content.decode()
    assert session.title_fr in page
    assert "Accueillir" in page
    Scheme.objects.update(title_fr="Les mots justes", title_it="Le parole giuste")
    assert "Les mots justes" in client_of(elia).get(reverse("schemes")).content.decode()


def test_the_rule_is_kept_and_wrong_questions_are_shown_as_typed(elia, scheme):
    client, address = client_of(elia), reverse("scheme", args=[scheme.code])
    wrong = RULE | {"needs_fr": "Une ?\nDeux ?", "needs_it": "Una?"}
    answer = client.post(address, wrong)
    assert answer.status_code == 422
    assert b"Write as many questions as in French" in answer.content
    assert "Deux ?" in answer.content.decode()
    client.post(address, RULE | {"asks_needs": "on", "needs_fr": "Une ?", "needs_it": "Una?"})
    scheme.refresh_from_db()
    assert (scheme.min_percent, scheme.asks_needs, scheme.asks_assessment) == (75, True, False)
    assert scheme.questions == {"needs": [{"fr": "Une ?", "it": "Una?"}], "assessment": []}


def test_the_page_of_a_cycle_tells_who_completed_and_what_is_missing(elia, scheme):
    client, address = client_of(elia), reverse("scheme", args=[scheme.code])
    shown = client.get(address).content.decode()
    assert "not completed" in shown
    assert "fewer hours than asked" in shown
    open_ = cast.make_session(elia)
    data = {"join-sessions": [open_.code]}
    client.post(reverse("scheme-join", args=[scheme.code]), data)
    shown = client.get(address).content.decode()
    assert "Nobody has completed before these sheets are sealed:" in shown
    assert open_.code in shown


def test_a_participant_answers_and_the_trainer_judges_and_decides(elia, ange, scheme):
    completion.change(scheme=scheme, by=elia, asks_needs=True, asks_assessment=True)
    guest, trainer = client_of(ange, invited=True), client_of(elia)
    for kind in Asked:
        address = reverse("scheme-form", args=[scheme.code, kind.value])
        assert guest.get(address).status_code == 200
        assert guest.post(address, {"answer_0": "  "}).status_code == 422
        assert guest.post(address, {"answer_0": "My answer"}).status_code == 302
        shown = guest.get(address).content.decode()
        assert "My answer" not in shown  # whoever holds a forwarded link
        assert "Sign in to read your answers" in shown
        assert "My answer" in client_of(ange).get(address).content.decode()
    hers = reverse("scheme-person", args=[scheme.code, ange.code])
    assert "My answer" in trainer.get(hers).content.decode()
    trainer.post(hers, {"act": "judge", "judge-passed": "yes"})
    answer = trainer.post(hers, {"act": "decide", "decide-outcome": "met", "decide-reason": ""})
    assert answer.status_code == 422
    trainer.post(hers, {"act": "decide", "decide-outcome": "met", "decide-reason": "Told before"})
    assert Completion.objects.get().reason == "Told before"
    shown = trainer.get(hers).content.decode()
    assert "Told before" in shown
    assert "Judged by Elia Prova" in shown


def test_answers_are_for_members_and_results_for_hosts(scheme, ange, stranger, dominique):
    form = reverse("scheme-form", args=[scheme.code, "needs"])
    hers = reverse("scheme-person", args=[scheme.code, ange.code])
    assert client_of(stranger).get(form).status_code == 404
    assert client_of(dominique).get(hers).status_code == 404
    assert client_of(ange).get(hers).status_code == 404
    assert client_of(ange).get(reverse("scheme-form", args=[scheme.code, "other"])).status_code == 404


def test_the_cycle_certifies_who_completed_it(elia, ange, bruna, scheme):
    client, address = client_of(elia), reverse("scheme-certificates", args=[scheme.code])
    shown = client.get(address).content.decode()
    assert f'value="{ange.code}" checked' in shown
    assert "The cycle is not completed." in shown
    assert "same_day" not in shown
    data = {"kind": "realisation", "language": "", "person": [ange.code, bruna.code]}
    answer = client.post(address, data, follow=True)
    assert b"1 certificate issued" in answer.content
    assert bruna.name.encode() in answer.content
    found = Certificate.objects.get()
    shown = client_of(ange).get(reverse("certificate", args=[found.code])).content.decode()
    assert "Les mots" in shown or "Parole" in shown


def test_the_record_shows_hours_certificates_and_forms_by_year(elia, ange, scheme):
    completion.change(scheme=scheme, by=elia, asks_needs=True)
    session = Session.objects.get(training_scheme="Parole")
    data = {"kind": "same_day", "language": "", "person": [ange.code]}
    client_of(elia).post(reverse("certificates", args=[session.code]), data)
    shown = client_of(ange).get(reverse("my-record")).content.decode()
    assert "2027" in shown
    assert "1\xa0h\xa040" in shown
    assert "V-2027-0001" in shown
    assert reverse("scheme-form", args=[scheme.code, "needs"]) in shown
    assert client_of(ange, invited=True).get(reverse("my-record")).status_code == 302


def test_whoever_has_no_hours_is_told_where_they_will_stand(stranger):
    shown = client_of(stranger).get(reverse("my-record")).content.decode()
    assert "No hours yet." in shown
