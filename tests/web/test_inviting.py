"""From whoever is named to the review, and from the review to the letters: nothing leaves unseen or is trusted."""

import time
import uuid
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from seminars.actions import attendance, groups, invitations
from seminars.exchange.address import Address
from seminars.models import Letter, Person, Session
from seminars.moments import now
from seminars.queries import prospects
from seminars.vocabulary import LetterKind, LetterState
from tests import cast
from tests.web.forms import acquainted, filled, invite, sent
from tests.web.reviews import EN, name, people, send

pytestmark = pytest.mark.django_db


@pytest.fixture
def session(elia: Person, client: Client) -> Session:
    cast.signed_in(client, elia)
    return cast.make_session(elia)


# --- The review ---------------------------------------------------------------------------------------------------


def test_the_review_stores_nothing_and_sends_nothing(client, session, ange):
    before = Person.objects.count()
    page = name(client, session, "ange@example.org, Nuova <nuova@example.it>, bad@nowhere")
    assert page.status_code == 200
    assert (session.invitations.count(), Letter.objects.count(), Person.objects.count()) == (0, 0, before)
    assert filled(page.content.decode()) == ["Send 2 invitations"]
    assert page.context["form"]["addresses"].value() == "bad@nowhere"


def test_one_button_invites_everybody_shown(client, session, ange):
    page = name(client, session, "ange@example.org, Nuova <nuova@example.it>")
    answer = client.post(send(session), sent(page) | {"language-2": "en"}, **EN)
    assert answer.url == people(session)
    assert set(session.invitations.values_list("person__email", "person__language")) == {
        ("ange@example.org", "fr"),
        ("nuova@example.it", "en"),
    }
    assert Person.objects.get(email="nuova@example.it").name == "Nuova"


def test_a_single_known_person_without_a_fault_is_invited_at_once(client, session, elia, ange):
    acquainted(elia, ange)
    assert name(client, session, "ange@example.org").status_code == 302
    assert Letter.objects.get().person == ange


@pytest.mark.parametrize(
    "text", ["new@example.org", "ange@example.org\nange@example.org", "Cy Do <ange@example.org>"]
)
def test_whoever_is_new_or_odd_or_twice_is_seen_first(client, session, ange, text):
    assert "review" in name(client, session, text).context
    assert not Letter.objects.exists()


def test_a_second_press_of_the_button_sends_no_second_letter(client, session, ange, bruna):
    given = sent(name(client, session, "ange@example.org, bruna@example.org"))
    for _again in range(2):
        assert client.post(send(session), given).status_code == 302
    assert Letter.objects.filter(kind=LetterKind.INVITATION).count() == 2


def test_who_is_unticked_gets_no_letter(client, session, ange, bruna):
    given = sent(name(client, session, "ange@example.org, bruna@example.org"))
    client.post(send(session), given | {"to": ["bruna@example.org"]})
    assert Letter.objects.get().person == bruna


def test_nobody_ticked_is_said_and_keeps_the_page(client, session, ange, bruna):
    given = sent(name(client, session, "ange@example.org, bruna@example.org"))
    page = client.post(send(session), given | {"to": []}, **EN)
    assert page.status_code == 422
    assert len(page.context["rows"]) == 2
    assert not any(row.prospect.is_chosen for row in page.context["rows"])


def test_what_travelled_through_the_page_is_read_again(client, session, ange):
    rows = 'email,name\nnot an address,X\na@x.org,"Evil\r\nBcc: thief@example.net"\n'
    to = ["not an address", "a@x.org", "elsewhere@example.org", "ange@example.org"]
    client.post(send(session), {"rows": rows, "to": to, "language-1": "xx", "language-2": "<b>"})
    assert [one.person.email for one in session.invitations.all()] == ["a@x.org"]
    person = Person.objects.get(email="a@x.org")
    assert person.name.isprintable()
    assert person.language == "it", "as her host's country has it"


@pytest.mark.parametrize(
    "rows", ["", "email\n" + "".join(f"p{n}@x.org\n" for n in range(301)), "x" * 400_001]
)
def test_rows_that_are_none_or_too_many_invite_nobody(client, session, rows):
    given = {"rows": rows, "to": [f"p{n}@x.org" for n in range(300)]}
    assert client.post(send(session), given).status_code == 422
    assert not session.invitations.exists()


def test_three_hundred_people_come_through_the_review_in_one_go(client, session):
    page = name(client, session, "\n".join(f"Ada Bo <p{n}@x.org>" for n in range(300)))
    given = sent(page) | {f"language-{n}": "fr" for n in range(1, 301)}
    with CaptureQueriesContext(connection) as asked:
        assert client.post(send(session), given).status_code == 302
    assert session.invitations.count() == 300
    letters = [one for one in asked if "seminars_letter" in one["sql"] and one["sql"].startswith("INSERT")]
    assert len(letters) < 20, "in batches, not one by one"


def test_the_review_asks_the_database_as_often_for_thirty_as_for_one(client, session, elia):
    counts = []
    for many in (1, 30):
        addresses = [Address(1, f"p{n}@x{n}.org", organisation=f"Ente {n}") for n in range(many)]
        with CaptureQueriesContext(connection) as asked:
            prospects.review(session, addresses, by=elia)
        counts.append(len(asked))
    assert counts[0] == counts[1] <= 11


def test_mended_addresses_join_the_review_before_anything_leaves(client, session, ange):
    page = name(client, session, "ange@example.org\nluca@example")
    given = sent(page) | {"addresses": "luca@example.it\nstill@bad", "to": []}
    page = client.post(send(session), given, **EN)
    assert not Letter.objects.exists()
    rows = {row.prospect.address.email: row.prospect.is_chosen for row in page.context["rows"]}
    assert rows == {"ange@example.org": False, "luca@example.it": True}
    assert page.context["form"]["addresses"].value() == "still@bad"


def test_addresses_left_bad_stay_in_the_box_after_sending(client, session, ange):
    answer = invite(client, session, "ange@example.org\nluca@example")
    assert answer.context["form"]["addresses"].value() == "luca@example"
    assert session.invitations.count() == 1


def test_looking_up_the_address_of_the_second_step_leads_to_the_first(client, session):
    assert client.get(send(session)).url == people(session)


def test_the_letter_can_be_seen_in_each_language(client, session):
    page = name(client, session, "new@example.org").content.decode()
    address = reverse("session-letters-preview", args=[session.code])
    for language in ("fr", "it", "en"):
        assert f"{address}?kind=invitation&amp;language={language}" in page
        assert client.get(f"{address}?kind=invitation&language={language}").status_code == 200


# --- Other ways to name people ------------------------------------------------------------------------------------


def test_a_list_as_a_file_is_reviewed_with_its_languages(client, session, elia, ange):
    acquainted(elia, ange)
    content = "\ufeffNom;Courriel;Langue\nAnge Esquisse;ange@example.org;it\nLuca;luca@x.org;italien\nX;bad\n"
    page = name(client, session, file=SimpleUploadedFile("list.csv", content.encode()))
    rows = [(row.prospect.name, row.prospect.language) for row in page.context["rows"]]
    assert rows == [("Ange Esquisse", "fr"), ("Luca", "it")], "who is known keeps her own language"
    assert page.context["form"]["addresses"].value() == "bad"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"PK\x03\x04rest", "workbook"), (b"x;" * 100_000, "No column"), (b"a" * 300_000, "256 KB")],
)
def test_a_file_that_is_no_list_is_refused_at_its_field(client, session, content, words):
    page = name(client, session, "ange@example.org", file=SimpleUploadedFile("list.csv", content))
    assert page.status_code == 422
    assert words in " ".join(page.context["form"].errors["file"])
    assert page.context["form"]["addresses"].value() == "ange@example.org", "what was typed stays"


def test_the_people_of_an_earlier_session_are_reviewed(client, session, elia, ange, bruna, cyrille, clock):
    before = cast.make_session(elia, start=now() - timedelta(days=30))
    cast.invite(before, ange, bruna, cyrille)
    invitations.withdraw(invitation=before.invitations.get(person=cyrille), by=elia)
    Letter.objects.update(state=LetterState.SENT)
    page = name(client, session, earlier=f"{before.code}:invited")
    assert [row.prospect.person for row in page.context["rows"]] == [ange, bruna]
    shown = client.get(people(session), **EN).content.decode()
    assert "2 invited" in shown
    assert "3 invited" not in shown, "who was withdrawn counts no more"


def test_only_who_came_to_it_when_that_is_chosen(client, session, elia, ange, bruna, clock):
    before = cast.make_session(elia, start=now() + timedelta(minutes=5))
    Session.objects.filter(pk=session.pk).update(
        starts_at=now() + timedelta(days=9), ends_at=now() + timedelta(days=10)
    )
    cast.invite(before, ange, bruna)
    Letter.objects.update(state=LetterState.SENT)
    clock.at(before.starts_at)
    attendance.arrive(session=before, person=ange, connection=uuid.uuid4(), event=uuid.uuid4())
    assert "1 present" in client.get(people(session), **EN).content.decode()
    assert name(client, session, earlier=f"{before.code}:present").status_code == 302
    assert [one.person for one in session.invitations.all()] == [ange]


def test_a_saved_group_is_reviewed_and_counts_with_what_is_pasted(client, session, elia, ange, bruna):
    group = groups.make(by=elia, name="Cuneo", people=[ange, bruna])
    page = name(client, session, "ange@example.org, new@example.org", groups=[group.code])
    emails = [row.prospect.address.email for row in page.context["rows"]]
    assert emails == ["ange@example.org", "new@example.org", "bruna@example.org"]
    assert page.context["twice"] == ["ange@example.org"]


def test_people_of_foreign_sessions_and_groups_are_out_of_reach(client, session, dominique, ange):
    foreign = cast.make_session(dominique, start=now() - timedelta(days=30))
    cast.invite(foreign, ange)
    group = groups.make(by=dominique, name="Nice", people=[ange])
    for given in (
        {"earlier": f"{foreign.code}:invited"},
        {"groups": [group.code]},
        {"earlier": "zzz:invited"},
    ):
        page = name(client, session, **given)
        assert page.status_code == 422
        assert "ange@example.org" not in page.content.decode()


def test_who_may_not_invite_is_refused_in_every_way(session, ange, bruna, dominique):
    """Catalogue D-06."""
    cast.invite(session, ange)
    given = {"addresses": "x@example.org", "rows": "email\nx@example.org\n", "to": "x@example.org"}
    for someone, invited in ((ange, True), (bruna, False), (dominique, False)):
        browser = cast.signed_in(Client(), someone, invited=invited)
        for address in (people(session), send(session), reverse("session-seats", args=[session.code])):
            file = SimpleUploadedFile("list.csv", b"x@example.org")
            answer = browser.post(address, given | {"file": file})
            assert answer.status_code == 404 or answer.url.startswith("/sign-in/")
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(send(session), given).status_code == 403
    assert not Person.objects.filter(email="x@example.org").exists()


def test_whoever_has_an_odd_address_travels_through_the_review_like_the_others(client, session, elia, ange):
    odd = ["é@exämple.fr", "{odd}@example.fr", "'apos@example.fr"]
    people = [
        Person.objects.create(email=email, name=f"Ada @ {n}", organisation=elia.organisation)
        for n, email in enumerate(odd)
    ]
    group = groups.make(by=elia, name="G", people=[*people, ange])
    page = name(client, session, "zz@example.org", groups=[group.code])
    assert {each.name for each in page.context["review"].coming} >= {"Ada @ 0", "Ada @ 1", "Ada @ 2"}
    assert client.post(send(session), sent(page), **EN).status_code == 302
    assert {*odd, "ange@example.org"} < set(session.invitations.values_list("person__email", flat=True))


def test_a_row_that_can_not_be_used_is_named_and_moves_no_language_to_somebody_else(client, session):
    rows = "email,name,language,organisation\nbad,X,,\na@x.org,Ada,,\nb@x.org,Bo,,\n"
    given = {"rows": rows, "to": ["bad", "a@x.org", "b@x.org"], "language-2": "fr", "language-3": "en"}
    page = client.post(send(session), given, **EN)
    assert page.context["form"]["addresses"].value() == "bad"
    assert "“bad”: there is no @" in page.content.decode().replace("&#x27;", "'")
    assert set(session.invitations.values_list("person__email", "person__language")) == {
        ("a@x.org", "fr"),
        ("b@x.org", "en"),
    }


def test_a_row_that_can_not_be_used_is_named_too_where_the_page_comes_back(client, session):
    given = {"rows": "email\nbad\na@x.org\n", "to": [], "addresses": ""}
    page = client.post(send(session), given, **EN)
    assert page.status_code == 422
    assert page.context["form"]["addresses"].value() == "bad"
    assert [row.prospect.address.email for row in page.context["rows"]] == ["a@x.org"]


def test_somebody_is_invited_once_however_often_the_review_is_sent(client, session):
    given = sent(name(client, session, "new@example.org, luca@example.it"))
    for _again in range(2):
        assert client.post(send(session), given).status_code == 302
    assert session.letters.count() == 2
    assert Person.objects.filter(email__in=["new@example.org", "luca@example.it"]).count() == 2


def test_of_very_many_faults_the_first_are_named_and_the_others_counted(client, session):
    began = time.process_time()
    page = name(client, session, "\n".join(f"bad{number}" for number in range(900)))
    assert len(page.context["form"].errors["addresses"]) == 51
    assert "900 pieces can’t be used" in page.context["form"].errors["addresses"][-1]
    assert len(page.context["form"]["addresses"].value().splitlines()) == 400
    assert len(page.content) < 200_000
    row = "a@b.fr" + ",y" * 995
    content = ("email\tname\n" + "\n".join(f"{row}\tx" for _ in range(125))).encode()
    page = name(client, session, file=SimpleUploadedFile("list.csv", content))
    assert page.status_code == 422
    assert len(page.content) < 200_000
    assert time.process_time() - began < 5


@pytest.mark.parametrize("sign", ["a", "a@b.org,", '"a', "<", "\n"])
def test_far_too_much_is_answered_quickly_and_kept(client, session, sign):
    text = sign * (200_000 // len(sign))
    began = time.process_time()
    assert name(client, session, text).status_code == 422
    assert time.process_time() - began < 0.5
    assert not session.invitations.exists()
