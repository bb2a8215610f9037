"""Keys of calendars: what they open, how long, and that one which is renewed keeps its address."""

from datetime import timedelta

import pytest

from seminars.actions import people
from seminars.errors import Refused
from seminars.models import CalendarKey, FeedVersion
from seminars.moments import now
from seminars.vocabulary import FeedScope

pytestmark = pytest.mark.django_db
SECOND = timedelta(seconds=5)


def test_a_key_lasts_as_the_installation_says(ange, settings):
    row, _key = people.make_calendar_key(person=ange, name="phone")
    assert abs(row.expires_at - now() - timedelta(days=settings.FEED_KEY_DAYS)) < SECOND
    settings.FEED_KEY_DAYS = 0
    assert people.make_calendar_key(person=ange, name="phone")[0].expires_at is None


def test_a_key_lasts_as_its_owner_says(ange):
    row, _key = people.make_calendar_key(person=ange, name="phone", lasts=183)
    assert abs(row.expires_at - now() - timedelta(days=183)) < SECOND
    assert people.make_calendar_key(person=ange, name="phone", lasts=0)[0].expires_at is None


def test_a_renewed_key_is_the_same_and_no_process_answers_from_what_it_kept(ange, clock):
    row, _key = people.make_calendar_key(person=ange, name="phone", scope=FeedScope.COMING, lasts=30)
    before = FeedVersion.objects.get(name=row.key_hash).version
    clock.forward(days=31)
    renewed = people.renew(key=row, lasts=60)
    assert abs(renewed.expires_at - now() - timedelta(days=60)) < SECOND
    assert (renewed.key_hash, renewed.scope) == (row.key_hash, FeedScope.COMING)
    assert FeedVersion.objects.get(name=row.key_hash).version > before
    before = FeedVersion.objects.get(name=row.key_hash).version
    people.renew(key=row, lasts=10)  # sooner than it was
    assert FeedVersion.objects.get(name=row.key_hash).version > before


def test_a_revoked_key_does_not_come_back(ange):
    row, _key = people.make_calendar_key(person=ange, name="phone")
    people.revoke(key=row)
    with pytest.raises(Refused, match="key_revoked"):
        people.renew(key=row)
    assert CalendarKey.objects.get().revoked_at is not None
    assert not FeedVersion.objects.filter(name=row.key_hash).exists()


@pytest.mark.parametrize("days", [-1, 731])
def test_a_window_no_calendar_is_for_is_refused(ange, days):
    with pytest.raises(Refused, match="window_wrong") as refused:
        people.make_calendar_key(person=ange, name="phone", past_days=days)
    assert refused.value.field == "past_days"
    assert not CalendarKey.objects.exists()
