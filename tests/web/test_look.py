"""The look holds: light style sheets, icons that exist, forms that tell what is wrong, pages for what failed."""

import re
from datetime import UTC, date, datetime, time
from pathlib import Path
from types import SimpleNamespace

import pytest
from django import forms
from django.contrib.auth.models import AnonymousUser
from django.contrib.messages.storage.base import Message
from django.http import HttpRequest
from django.template import Context, Template
from django.template.loader import render_to_string
from django.test import RequestFactory
from django.urls import reverse
from django.utils import translation

from seminars.permissions import ANYBODY
from web.errors import broken
from web.forms import parts
from web.style import style

ROOT = Path(__file__).resolve().parent.parent.parent
SYMBOLS = set(re.findall(r'<symbol id="i-([a-z]+)"', (ROOT / "static/img/sprite.svg").read_text()))
START = datetime(2027, 2, 4, 13, tzinfo=UTC)


def say(source: str, language: str = "fr", **context: object) -> str:
    with translation.override(language):
        return Template("{% load viso %}" + source).render(Context(context))


def request_of(path: str = "/style/", **cookies: str) -> HttpRequest:
    request = RequestFactory().get(path)
    request.user = AnonymousUser()
    request.actor = ANYBODY
    request.COOKIES.update(cookies)
    return request


class Planned(parts.Form):
    title_fr = parts.Words()
    title_it = parts.Words()
    day = parts.DayField()
    start = parts.HourField()
    place = forms.CharField(required=False, help_text="The town is enough.")
    mode = parts.PickField(choices=[("online", "Online"), ("hybrid", "Hybrid")])
    public = forms.BooleanField(required=False)


def test_both_style_sheets_stay_under_30_kb() -> None:
    assert sum((ROOT / "static/css" / name).stat().st_size for name in ("tokens.css", "viso.css")) < 30_000


def test_where_few_lines_fit_nothing_is_docked() -> None:
    """At 200 % text a phone is 30rem high or less; the rule stands after those that it takes back."""
    sheet = (ROOT / "static/css/viso.css").read_text()
    released = sheet.index("@media (height < 30rem){.menu.mine, .dock.phone, .strip{position:static}")
    assert released > max(
        sheet.rindex("position:fixed; z-index"), sheet.rindex("position:sticky; inset-block")
    )


def test_only_the_tokens_know_a_colour() -> None:
    sheet = (ROOT / "static/css/viso.css").read_text()
    assert re.findall(r"#[0-9a-f]{3,8}\b(?![^{]*\{)|oklch\(|rgba?\(|hsla?\(", sheet) == []
    used = set(re.findall(r"var\((--[a-z0-9-]+)", sheet))
    known = set(re.findall(r"(--[a-z0-9-]+):", sheet + (ROOT / "static/css/tokens.css").read_text()))
    assert used - known == set()


def test_every_icon_that_a_template_or_script_names_is_in_the_sprite() -> None:
    pages = "".join(path.read_text() for path in (ROOT / "templates").rglob("*.html"))
    scripts = "".join(path.read_text() for path in (ROOT / "static/js").rglob("*.js"))
    named = set(re.findall(r'{% icon "([^"]+)"', pages)) | set(re.findall(r"#i-([a-z]+)", scripts))
    assert named
    assert named - SYMBOLS == set()


def test_an_icon_is_a_silent_use_of_the_sprite() -> None:
    drawn = say('{% icon "hand" %}')
    assert drawn.startswith('<svg class="i" aria-hidden="true"><use href="/static/img/sprite')
    assert drawn.endswith('.svg#i-hand"/></svg>')


def test_a_text_falls_back_to_the_other_language_and_says_so() -> None:
    thing = SimpleNamespace(title_fr="Écrire <vite>", title_it="")
    assert say('{% said thing "title" %}', "fr", thing=thing) == "Écrire &lt;vite&gt;"
    assert say('{% said thing "title" %}', "it", thing=thing) == '<span lang="fr">Écrire &lt;vite&gt;</span>'
    assert say('{% said_plain thing "title" %}', "it", thing=thing) == "Écrire &lt;vite&gt;"


def test_the_second_voice_stands_beneath() -> None:
    thing = SimpleNamespace(title_fr="Écrire", title_it="Scrivere")
    assert say('{% other_said thing "title" %}', "it", thing=thing) == '<p class="other" lang="fr">Écrire</p>'
    thing.title_en = "Writing"
    assert say('{% other_said thing "title" %}', "en", thing=thing).count("<p ") == 2
    assert say('{% other_said thing "title" %}', "fr", thing=SimpleNamespace(title_fr="Écrire")) == ""


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("{{ at|day:zone }}", "giovedì 4 febbraio 2027"),
        ("{{ at|hour:zone }}", "14:00"),
        ("{{ at|zone_name:zone }}", "ora di Roma (UTC+1)"),
        ("{{ at|iso:zone }}", "2027-02-04T14:00+01:00"),
        ("{% hours at at zone %}", "dalle 14:00 alle 14:00"),
        ("{{ 96|minutes }}", "1\u00a0h\u00a036"),
        ("{{ none|day:zone }}{{ none|hour:zone }}{{ none|minutes }}", ""),
        ('{{ "Maria-Luce della Prova"|initials }}', "MP"),
        ('{{ "Ada"|initials }}', "A"),
    ],
)
def test_the_words_of_moments(source: str, words: str) -> None:
    assert say(source, "it", at=START, zone="Europe/Rome", none=None) == words


@pytest.mark.parametrize(
    ("language", "zone", "words"),
    [
        ("it", "Europe/Paris", "ora di Roma (UTC+1)"),
        ("fr", "Europe/Rome", "heure de Paris (UTC+1)"),
        ("en", "Europe/Rome", "Rome time (UTC+1)"),
        ("it", "Europe/London", "ora di Londra (UTC)"),
    ],
)
def test_a_page_names_the_readers_own_city_and_a_document_its_session_s(
    language: str, zone: str, words: str
) -> None:
    assert say("{{ at|zone_name:zone }}", language, at=START, zone=zone) == words
    own = say("{{ at|zone_of_session:zone }}", "fr", at=START, zone="Europe/Rome")
    assert own == "heure de Rome (UTC+1)"


def test_an_activity_is_its_code_and_its_name() -> None:
    thing = SimpleNamespace(code="A3", name_fr="Jeunes", name_it="Giovani")
    drawn = say("{% activity thing %}", thing=thing)
    assert drawn == '<span class="act" data-a="A3"><b>A3</b> Jeunes</span>'


def test_a_field_is_label_hint_error_control_in_this_order() -> None:
    form = Planned({"place": "x" * 3}, auto_id="id_%s")
    form.add_error("place", "No such town.")
    drawn = say("{% field form.place %}", form=form)
    order = [drawn.index(mark) for mark in ("<label", "_helptext", "id_place_error", "<input")]
    assert order == sorted(order)
    assert 'aria-describedby="id_place_helptext id_place_error"' in drawn
    assert 'aria-invalid="true"' in drawn
    assert "#i-care" in drawn
    assert "optional" in drawn


def test_required_fields_are_not_marked_and_stop_no_sending() -> None:
    drawn = say("{% field form.day %}{% field form.public %}", form=Planned())
    assert "optional" not in drawn
    assert "required" not in drawn


def test_a_control_knows_the_language_of_its_words() -> None:
    drawn = say('{% pair form "title" %}', form=Planned({"title_fr": "Écrire <vite>", "title_it": ""}))
    assert 'lang="it"' in drawn
    assert '<span lang="fr">Écrire &lt;vite&gt;</span>' in drawn, "the empty side shows the other's words"
    assert drawn.count("Écrire") == 2, "as a hint, never copied"


def test_the_hint_of_the_other_side_is_tied_to_its_control() -> None:
    drawn = say('{% pair form "title" %}', form=Planned({"title_fr": "Écrire", "title_it": ""}))
    assert 'aria-describedby="id_title_it_error id_title_it_other"' in drawn


def test_radios_stand_in_a_fieldset_with_their_error() -> None:
    drawn = say("{% field form.mode %}", form=Planned({}))
    assert drawn.strip().startswith('<fieldset class="field" aria-describedby="id_mode_error">')
    assert drawn.count('type="radio"') == 2
    assert 'class="pick"' in drawn


def test_the_summary_leads_to_each_field_and_takes_focus() -> None:
    form = Planned({"title_fr": "Écrire", "day": "2027-02-04", "start": "14:00"})
    drawn = say("{% errors form %}", form=form)
    assert re.findall(r'href="#([a-z_0-9]+)"', drawn) == ["id_title_it", "id_mode_0"]
    assert 'tabindex="-1" autofocus' in drawn
    assert say("{% errors form %}", form=Planned()).strip() == ""


def test_what_was_typed_comes_back_even_where_a_native_control_could_not_show_it() -> None:
    drawn = say(
        "{% field form.day %}{% field form.start %}", form=Planned({"day": "31/02/2027", "start": "25 h"})
    )
    assert '<input type="text" name="day" value="31/02/2027"' in drawn
    assert '<input type="text" name="start" value="25 h"' in drawn
    shown = say("{% field form.day %}", form=Planned({"day": "2027-02-04"}))
    assert '<input type="date" name="day" value="2027-02-04"' in shown
    assert ">jeudi</output>" in say("{% field form.day %}", form=Planned(initial={"day": date(2027, 2, 4)}))


@pytest.mark.parametrize("typed", ["14:00", "14 h 00", "14h", "14.00", "14\u202fh\u202f00"])
def test_hours_are_typed_as_people_write_them(typed: str) -> None:
    assert parts.HourField().clean(typed) == time(14)


@pytest.mark.parametrize("typed", ["2027-02-04", "4/2/2027", "04.02.2027"])
def test_days_are_typed_day_first(typed: str) -> None:
    with translation.override("en"):
        assert parts.DayField().clean(typed) == date(2027, 2, 4)


def test_messages_are_notices_with_their_icon() -> None:
    messages = [Message(25, "Five sessions planned."), Message(40, "<b>No</b>")]
    drawn = render_to_string("parts/messages.html", {"messages": messages})
    assert 'class="notice good"' in drawn
    assert 'class="notice bad"' in drawn
    assert 'role="status"' in drawn
    assert "&lt;b&gt;No" in drawn


@pytest.mark.parametrize("language", ["fr", "it", "en"])
def test_the_frame_speaks_the_language_of_the_reader(language: str) -> None:
    with translation.override(language):
        page = render_to_string("base.html", {}, request_of())
    assert f'<html lang="{language}">' in page
    assert re.search(rf'value="{language}" lang="{language}" aria-current="true"', page)
    assert page.count('aria-current="true"') == 1
    assert '<input type="hidden" name="next" value="/style/">' in page
    assert f'<form class="langs" method="post" action="{reverse("language")}"' in page


def test_a_stranger_is_offered_the_public_menu() -> None:
    page = render_to_string("base.html", {}, request_of())
    assert 'class="menu public"' in page
    assert reverse("sign-in") in page
    assert reverse("plan") not in page


def test_the_look_is_the_one_the_reader_fixed() -> None:
    assert 'data-look="dark"' in render_to_string("base.html", {}, request_of(look="dark"))
    assert "data-look" not in render_to_string("base.html", {}, request_of(look='"><b>'))


def test_the_funding_block_is_absent_until_set() -> None:
    assert 'class="fund"' not in render_to_string("parts/foot.html", {"funding": None})
    drawn = render_to_string("parts/foot.html", {"funding": {"line": "Co-funded", "project": "P"}})
    assert 'class="fund"' in drawn


@pytest.mark.parametrize("name", ["400", "403", "404", "410", "413", "429"])
def test_a_page_for_what_went_wrong_names_the_way_out(name: str) -> None:
    page = render_to_string(f"{name}.html", {}, request_of())
    assert page.count("<h1>") == 1
    assert re.search(r'<a class="button[^"]*" href="/', page)


@pytest.mark.parametrize("name", ["400", "403", "404", "410", "413", "429"])
def test_a_page_for_what_went_wrong_needs_no_request(name: str) -> None:
    assert "<h1>" in render_to_string(f"{name}.html")


def test_the_page_of_a_broken_server_needs_neither_database_nor_language() -> None:
    page = broken(RequestFactory().get("/")).content.decode()
    assert [f'lang="{language}"' in page for language in ("fr", "it", "en")] == [True, True, True]
    for name in ("500.html", "503.html", "errors/bare.html"):
        assert (ROOT / "templates" / name).read_text().count("{% url") == 0


@pytest.mark.parametrize(
    ("language", "words"), [("fr", "Garder en brouillon"), ("it", "Conservi come bozza")]
)
def test_every_part_is_shown_on_the_style_page(language: str, words: str) -> None:
    with translation.override(language):
        page = style(request_of()).content.decode()
    assert words in page
    shown = ["button go", "chip now", "presence", "act", "errors", "pick", "notice care", "empty", "timeline"]
    assert [part for part in shown if f'class="{part}' not in page] == []
    assert " style=" not in page
