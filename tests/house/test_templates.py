"""Templates keep to the strict content policy: nothing inline, nothing from another host."""

import re
from collections.abc import Callable

import pytest

from tests.house.tree import ROOT, templates

# A letter is read outside the site: mail programs know no style sheet and no script of ours.
LETTERS = "templates/letters/"
STRIPPED = re.compile(r"{#.*?#}|{%\s*comment\b.*?{%\s*endcomment\s*%}|<!--.*?-->", re.DOTALL)
SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<body>.*?)</script>", re.DOTALL | re.IGNORECASE)
INLINE = re.compile(r"<style\b|\sstyle\s*=|\son[a-z]+\s*=\s*[\"']|javascript:|\shx-on\b", re.IGNORECASE)
RESOURCE = re.compile(
    r"<(?:script|img|link|iframe|source|video|audio|object|embed|use|form|input)\b[^>]*?\s"
    r"(?:src|srcset|href|data|action|poster)\s*=\s*[\"'](?P<address>(?:https?:)?//[^\"']*)",
    re.IGNORECASE,
)
DATA_BLOCK = re.compile(r"type\s*=\s*[\"']application/(?:json|ld\+json)[\"']")


def inline_parts(html: str) -> list[str]:
    """Return what the policy would refuse: styles, handlers, scripts with a body."""
    found = [match.group().strip() for match in INLINE.finditer(html)]
    for script in SCRIPT.finditer(html):
        if script["body"].strip() and not DATA_BLOCK.search(script["attributes"]):
            found.append("<script> with a body")
    return found


def foreign_resources(html: str) -> list[str]:
    return [match["address"] for match in RESOURCE.finditer(html)]


def pages() -> list[tuple[str, str]]:
    named = [(path.relative_to(ROOT).as_posix(), path) for path in templates() if path.suffix == ".html"]
    return [
        (name, STRIPPED.sub("", path.read_text())) for name, path in named if not name.startswith(LETTERS)
    ]


@pytest.mark.parametrize("search", [inline_parts, foreign_resources])
def test_no_page_carries_what_the_policy_refuses(search: Callable[[str], list[str]]) -> None:
    assert {name: search(html) for name, html in pages() if search(html)} == {}


@pytest.mark.parametrize(
    "html",
    [
        '<p style="color: red">',
        "<style>p {}</style>",
        '<button onclick="go()">',
        "<script>go()</script>",
        '<a href="javascript:go()">',
    ],
)
def test_the_search_sees_inline_parts(html: str) -> None:
    assert inline_parts(html)


def test_the_search_lets_files_and_links_pass() -> None:
    assert (
        inline_parts('<script type="module" src="/static/js/room.js"></script><p data-on="x" lang="fr">')
        == []
    )
    assert foreign_resources('<a href="https://example.org/">elsewhere</a><img src="/static/x.svg">') == []


@pytest.mark.parametrize("html", ['<img src="https://a.example/x">', '<link rel="x" href="//a.example/x">'])
def test_the_search_sees_other_hosts(html: str) -> None:
    assert foreign_resources(html)
