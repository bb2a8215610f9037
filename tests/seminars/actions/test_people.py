"""Entering by a link or a number; keys that are shown once."""

from datetime import timedelta

import pytest

from seminars.actions import people
from seminars.errors import Refused
from seminars.models import CalendarKey, Letter, SignInLink
from seminars.vocabulary import LetterKind

pytestmark = pytest.mark.django_db


def test_a_link_opens_once(ange):
    token = people.token_of(people.make_link(person=ange))
    assert people.find_link(token) is not None
    assert people.enter_by_link(token=token) == ange
    with pytest.raises(Refused):
        people.enter_by_link(token=token)


def test_a_link_ends_with_its_minutes(ange, clock):
    token = people.token_of(people.make_link(person=ange))
    clock.forward(minutes=16)
    assert people.find_link(token) is None


def test_asking_says_nothing_about_who_is_known_and_writes_at_most_five_mails_an_hour(ange):
    people.ask_link(email="nobody@example.org")
    assert Letter.objects.count() == 0
    for _ in range(7):
        people.ask_link(email="ANGE@example.org")
    assert Letter.objects.filter(kind=LetterKind.SIGN_IN, person=ange).count() == 5


def test_the_number_of_the_mail_opens_too_and_five_wrong_ones_end_it(ange):
    link = people.make_link(person=ange)
    right = people.number_of(link)
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(5):
        with pytest.raises(Refused):
            people.enter_by_number(email=ange.email, number=wrong)
    with pytest.raises(Refused):
        people.enter_by_number(email=ange.email, number=right)
    fresh = people.make_link(person=ange)
    assert people.enter_by_number(email=ange.email, number=people.number_of(fresh)) == ange
    assert SignInLink.objects.get(pk=fresh.pk).used_at is not None


def test_a_suspended_person_enters_by_nothing(ange):
    token = people.token_of(people.make_link(person=ange))
    people.suspend(person=ange)
    assert people.find_link(token) is None
    people.ask_link(email=ange.email)
    assert Letter.objects.count() == 0


def test_a_calendar_key_is_kept_as_a_digest_only(ange):
    row, key = people.make_calendar_key(person=ange, name="  My   phone ")
    assert (row.name, row.key_hash == key, len(row.key_hash)) == ("My phone", False, 64)
    people.revoke(key=row)
    assert CalendarKey.objects.get().revoked_at is not None
    with pytest.raises(Refused):
        people.make_calendar_key(person=ange, name=" ")


def test_links_of_one_minute_do_not_open_later(ange, clock):
    token = people.token_of(people.make_link(person=ange, lasts=timedelta(minutes=1)))
    clock.forward(minutes=2)
    with pytest.raises(Refused):
        people.enter_by_link(token=token)
