"""What somebody new is called: names the right way round, and none that nobody bears."""

import pytest

from seminars.exchange.address import Address
from seminars.exchange.naming import as_typed, derived, in_order, name_of
from seminars.exchange.pasted import read_addresses


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ('"Rossi, Anna" <a@x.it>', "Anna Rossi"),
        ("Rossi, Anna <a@x.it>", "Anna Rossi"),
        ("D'Amico, Gesù <gdamico@x.it>", "Gesù D'Amico"),
        ('"De La Fontaine, Anne-Marie" <a@x.fr>', "Anne-Marie De La Fontaine"),
        ('"De Luca, Anna Maria" <deluca@x.it>', "Anna Maria De Luca"),
        ("a@x.it (Rossi, Anna)", "Anna Rossi"),
        ("Rossi, Anna\ta@x.it", "Anna Rossi"),
        ('"Rossi, Anna, PhD" <a@x.it>', "Rossi, Anna, PhD"),
        ('"Anna Rossi, Dr." <a@x.it>', "Anna Rossi, Dr"),
        ('"Anna Rossi, Dott.ssa" <a@x.it>', "Anna Rossi, Dott.ssa"),
        ('"Anna Rossi, Ph.D. MBA" <a@x.it>', "Anna Rossi, Ph.D. MBA"),
        ('"Élan, S.r.l." <a@x.it>', "Élan, S.r.l"),
        ('"Élan, SARL" <a@x.fr>', "Élan, SARL"),
        ('"Montagna, S.p.A. unipersonale" <a@x.it>', "Montagna, S.p.A. unipersonale"),
        ('"Anna Rossi, ASL CN1" <a@x.it>', "Anna Rossi, ASL CN1"),
        ('"Anna Rossi, Comune di Cuneo" <a@x.it>', "Anna Rossi, Comune di Cuneo"),
        ('"Anna Rossi, Cuneo" <anna.rossi@x.it>', "Anna Rossi, Cuneo"),
    ],
)
def test_a_surname_before_a_comma_goes_behind_the_name_and_nothing_else_does(written, name):
    assert [one.name for one in read_addresses(written).good] == [name]


@pytest.mark.parametrize("name", ["", "Anna Rossi", ", Anna", "Rossi,", "Rossi, 12", "Rossi, a b c d"])
def test_what_is_no_surname_and_name_stays(name):
    assert in_order(name, "a@x.it") == name


@pytest.mark.parametrize(
    ("email", "name"),
    [
        ("anna.rossi@x.it", "Anna Rossi"),
        ("anne-marie.dupont2+viso@x.fr", "Anne-Marie Dupont"),
        ("info@x.it", ""),
        ("personne@x.fr", ""),
        ("servizi.sociali@x.it", ""),
        ("a.rossi@x.it", ""),
        ("anna_rossi@x.it", ""),
        ("anna.maria.rossi@x.it", ""),
    ],
)
def test_only_first_and_last_tell_a_name_else_the_address_stays_as_it_is(email, name):
    assert derived(email) == name
    assert name_of(Address(1, email)) == (name or email.partition("@")[0])
    assert name_of(Address(1, email, "Cy Do")) == "Cy Do"


def test_a_name_from_its_field_stays_as_typed_on_one_line_and_of_120_signs():
    assert as_typed(" de la  Cruz, Gesù, PhD ") == "de la Cruz, Gesù, PhD"
    assert as_typed("A\r\nBcc: b@x.org\x00") == "A Bcc: b@x.org"
    assert len(as_typed("x" * 900)) == 120
