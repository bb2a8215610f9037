"""The page of a session's letters: every kind in three languages, nothing written by looking, words of one's own."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from seminars.models import Invitation, Letter, OwnWords, Person, Revision, Session
from seminars.vocabulary import OWN_WORDS, Language, LetterKind, State
from seminars.wording.mail import KINDS
from tests import cast

pytestmark = pytest.mark.django_db
WRITES = re.compile(r"^\s*(INSERT|UPDATE|DELETE|REPLACE)\b", re.IGNORECASE)


@pytest.fixture
def session(elia: Person) -> Session:
    return cast.make_session(elia, title_fr="Les mots <b>du</b> soin", summary_fr="Trois mots.")


@pytest.fixture
def host(client: Client, elia: Person) -> Client:
    return cast.signed_in(client, elia)


def address(session: Session, kind: str = "", language: str = "") -> str:
    asked = "&".join(f"{name}={value}" for name, value in (("kind", kind), ("language", language)) if value)
    return f"/sessions/{session.code}/letters/preview/" + (f"?{asked}" if asked else "")


def see(client: Client, where: str) -> str:
    response = client.get(where, headers={"Accept-Language": "en"})
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("language", Language.values)
@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_looked_at_in_each_language(host, session, kind, language):
    html = see(host, address(session, kind, language))
    shown = re.search(r'<strong lang="(..)">(.+?)</strong>', html)
    assert shown is not None
    assert shown[1] == language
    alone = host.get(f"/sessions/{session.code}/letters/preview/{kind}/{language}/")
    assert f'<html lang="{language}">' in alone.content.decode()
    assert "<script" not in alone.content.decode()
    assert len(alone.content) < 15_000


@pytest.mark.parametrize("kind", KINDS)
def test_looking_writes_nothing(host, session, kind):
    host.get(address(session))
    with CaptureQueriesContext(
        connection,
    ) as asked:
        see(host, address(session, kind))
        host.get(f"/sessions/{session.code}/letters/preview/{kind}/fr/")
    wrote = [one["sql"] for one in asked if WRITES.match(one["sql"])]
    assert [sql for sql in wrote if "django_session" not in sql] == []
    for rows in (Letter, Revision, Invitation, OwnWords):
        assert not rows.objects.exists()


def test_the_reader_is_made_up_and_her_links_lead_nowhere(host, session, ange):
    (invitation,) = cast.invite(session, ange)
    for kind in KINDS:
        html = see(host, address(session, kind, "fr"))
        assert ange.email not in html
        assert invitation.token not in html
        assert "Bonjour Prénom Nom" in html
    links = re.findall(r"http://[^/]+(/i/[^\s<]+/)", see(host, address(session, "invitation")))
    assert links
    assert {Client().get(link).status_code for link in links} <= {404, 405}


def test_the_letter_is_that_of_the_session_as_it_is_now(host, session):
    Session.objects.filter(pk=session.pk).update(title_it="Le parole della cura")
    assert "Le parole della cura" in see(host, address(session, "reminder", "it"))


def test_the_html_stands_alone_without_script_or_request(host, session):
    response = host.get(f"/sessions/{session.code}/letters/preview/invitation/fr/")
    policy = response.headers["Content-Security-Policy"]
    assert policy.startswith("sandbox allow-popups")
    assert "default-src 'none'" in policy
    assert "allow-scripts" not in policy
    assert "Les mots &lt;b&gt;du&lt;/b&gt; soin" in response.content.decode()


@pytest.mark.parametrize("state", State.values)
def test_the_page_opens_whatever_became_of_the_session(host, session, state):
    Session.objects.filter(pk=session.pk).update(state=state)
    for kind in KINDS:
        assert see(host, address(session, kind))


@pytest.mark.parametrize(
    "where", ["?kind=nothing", "?kind=invitation&language=de", "nothing/fr/", "invitation/de/", "?kind=%00"]
)
def test_what_is_no_kind_or_language_is_not_there(host, session, where):
    assert host.get(address(session) + where).status_code == 404


def card(html: str, name: str) -> str:
    """From the beginning of a card to its end."""
    return html.partition(f'id="{name}"')[2].partition("</section>")[0]


def say(client: Client, session: Session, kind: str = "reminder", **typed: Any) -> Any:
    given = {"language": "it", "text_fr": "", "text_it": "", "text_en": ""} | typed
    return client.post(
        f"/sessions/{session.code}/letters/words/{kind}/", given, headers={"Accept-Language": "en"}
    )


def test_words_of_ones_own_are_kept_and_seen_at_once(host, session):
    response = say(host, session, text_it="Porti {name} <b>e</b> {title}.")
    assert response.status_code == 302
    assert response.headers["Location"] == address(session, "reminder", "it") + "#words"
    assert OwnWords.objects.get().text_it == "Porti {name} <b>e</b> {title}."
    html = see(host, response.headers["Location"].partition("#")[0])
    assert "&gt; Porti Nome Cognome &lt;b&gt;e&lt;/b&gt; Le parole del lavoro sociale." in html
    assert card(html, "words").count("Your words are kept.") == html.count("Your words are kept.") == 1
    assert "with your words" in html
    assert ">Porti {name} &lt;b&gt;e&lt;/b&gt; {title}.</textarea>" in re.sub(r">\s+", ">", html)


def test_what_is_refused_comes_back_as_typed(host, session):
    response = say(host, session, text_fr="Bonjour {prénom}, à {heure", text_it="Ecco")
    html = response.content.decode()
    assert response.status_code == 422
    assert "Not filled in: {prénom}, {heure. Placeholders are {name}, {title}, {day}, {hour}" in html
    assert "Bonjour {prénom}, à {heure</textarea>" in html
    assert "Ecco</textarea>" in html
    assert not OwnWords.objects.exists()


def test_placeholders_are_shown_in_the_writers_language(host, session):
    for language, names in {
        "fr": ("{nom}", "{lieu}"),
        "it": ("{nome}", "{docente}"),
        "en": ("{name}",),
    }.items():
        html = host.get(address(session), headers={"Accept-Language": language}).content.decode()
        for name in names:
            assert f"<code>{name}</code>" in html


def test_the_chosen_letter_comes_first_and_the_others_are_folded(host, session):
    html = see(host, address(session, "reminder"))
    assert (
        html.index('id="letter"')
        < html.index('<details class="card phone"><summary>Other letters')
        < html.index('<aside class="broad"')
    )
    for link in re.findall(r'href="[^"]*/letters/preview/\?[^"]*"', html):
        assert link.endswith('#letter"')


def test_who_has_not_answered_is_asked_again_beside_the_letter_that_asks(host, session, ange, bruna, clock):
    Session.objects.filter(pk=session.pk).update(starts_at="2030-01-10T08:00Z", ends_at="2030-01-10T09:00Z")
    session.refresh_from_db()
    ask, none_left = f"/sessions/{session.code}/letters/ask/", "All were invited or asked less than a day ago"
    assert ask not in see(host, address(session, "asking"))
    cast.invite(session, ange, bruna)
    html = see(host, address(session, "asking"))
    assert none_left in card(html, "letter")
    assert ask not in html
    clock.forward(hours=25)
    cast.signed_in(host, session.created_by)
    html = see(host, address(session, "asking", "it"))
    assert "Ask 2 people again now" in card(html, "letter")
    assert ask not in see(host, address(session, "reminder"))
    hidden = dict(re.findall(r'type="hidden" name="(kind|language)" value="(\w+)"', card(html, "letter")))
    response = host.post(ask, hidden, headers={"Accept-Language": "en"})
    assert response.headers["Location"] == address(session, "asking", "it") + "#letter"
    html = see(host, response.headers["Location"].partition("#")[0])
    assert "2 people are asked again." in card(html, "letter")
    assert none_left in card(html, "letter")
    assert Letter.objects.filter(kind=LetterKind.ASKING).count() == 2


def test_words_too_long_come_back_whole(host, session):
    response = say(host, session, text_fr="x" * 2001)
    assert response.status_code == 422
    assert "x" * 2001 in response.content.decode()


def test_emptied_words_are_taken_away(host, session):
    say(host, session, text_fr="Un")
    assert "carries no words of yours" in see(host, say(host, session).headers["Location"].partition("#")[0])
    assert not OwnWords.objects.exists()


@pytest.mark.parametrize("kind", sorted(set(LetterKind) - set(OWN_WORDS)))
def test_a_kind_without_words_has_no_form(host, session, kind):
    assert say(host, session, kind, text_fr="Un").status_code == 404
    if kind in KINDS:
        assert "<textarea" not in see(host, address(session, kind))


def test_a_session_that_is_over_takes_no_words(host, session):
    Session.objects.filter(pk=session.pk).update(state=State.ENDED)
    assert "<textarea" not in see(host, address(session))
    assert say(host, session, text_fr="Un").status_code == 422
    assert not OwnWords.objects.exists()


def test_only_hosts_see_and_write_letters(client, session, ange, dominique):
    cast.invite(session, ange)
    for person in (ange, dominique):
        cast.signed_in(client, person)
        assert client.get(address(session)).status_code == 404
        assert say(client, session, text_fr="Un").status_code == 404
    assert not OwnWords.objects.exists()


def test_the_page_leads_on(host, session):
    html = see(host, address(session))
    for path in ("message", "letters", "people"):
        assert f'href="/sessions/{session.code}/{path}/"' in html
    assert f'href="{address(session)}"' in see(host, f"/sessions/{session.code}/")
