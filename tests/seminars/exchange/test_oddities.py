"""Addresses that are well formed and yet perhaps not meant."""

import pytest

from seminars.exchange.oddities import is_of_office, is_other_name, is_unread, likely_domain


@pytest.mark.parametrize(
    ("domain", "likely"),
    [
        ("gmial.com", "gmail.com"),
        ("gmal.com", "gmail.com"),
        ("gmaill.com", "gmail.com"),
        ("hotmial.com", "hotmail.com"),
        ("orange.f", "orange.fr"),
        ("wanadooo.fr", "wanadoo.fr"),
        ("liber.it", "libero.it"),
        ("comune.cuneo.ti", "comune.cuneo.it"),
        ("gmail.com", ""),
        ("comune.cuneo.it", ""),
        ("tim.it", ""),
        ("example.org", ""),
        ("ab.fr", ""),
        ("", ""),
    ],
)
def test_a_domain_one_slip_away_is_named(domain, likely):
    assert likely_domain(domain, ["comune.cuneo.it", "example.it"]) == likely


@pytest.mark.parametrize(
    "local", ["info", "segreteria", "secretariat", "info.cuneo", "Mairie", "comptabilité", "urp-cuneo"]
)
def test_an_office_is_no_person(local):
    assert is_of_office(f"{local}@x.org")


@pytest.mark.parametrize("local", ["infante", "luca.info-rossi", "maria.servizio.rossi", "jean"])
def test_a_person_is_no_office(local):
    assert not is_of_office(f"{local}@x.org")


def test_nobody_reads_a_robots_address():
    assert is_unread("no-reply@x.org")
    assert is_unread("ne_pas_repondre@x.org")
    assert not is_unread("norep@x.org")


@pytest.mark.parametrize(
    ("one", "other", "differ"),
    [
        ("Ada Bo", "BO, Ada", False),
        ("Chloé", "Chloe Dupont", False),
        ("Ada Bo", "Cy Do", True),
        ("", "Cy Do", False),
    ],
)
def test_a_name_is_another_when_no_word_is_shared(one, other, differ):
    assert is_other_name(one, other) is differ
