"""Certificates among the worker's rounds: made while letters leave, given back when it stops."""

import threading
from datetime import timedelta

import pytest

from seminars import moments
from seminars.actions import certificates
from seminars.models import Certificate, CertificateBatch
from seminars.moments import as_if
from seminars.vocabulary import Certified
from seminars.work import rounds
from tests import certified

pytestmark = pytest.mark.django_db
AFTER = moments.at(certified.DAY, "Europe/Paris") + timedelta(days=1)


class Until(threading.Event):
    """Set as soon as a batch is that far."""

    def __init__(self, done: int) -> None:
        super().__init__()
        self.done = done

    def is_set(self) -> bool:
        return super().is_set() or CertificateBatch.objects.filter(done__gte=self.done).exists()


@pytest.fixture
def batch(elia):
    people = certified.crowd(24)
    session = certified.held(elia, [(person, 95) for person in people])
    with as_if(AFTER):
        codes = [person.code for person in people]
        yield certificates.ask(by=elia, kind=Certified.ATTESTATO, people=codes, session=session)


def test_a_worker_makes_a_batch_to_its_end(batch, monkeypatch):
    monkeypatch.setattr(rounds, "_hang_up", lambda: None)
    rounds.work(Until(24))
    batch.refresh_from_db()
    assert batch.finished_at is not None
    assert Certificate.objects.count() == 24


def test_a_worker_that_is_told_to_stop_leaves_the_rest_to_the_next_at_once(batch, monkeypatch):
    monkeypatch.setattr(rounds, "_hang_up", lambda: None)
    rounds.work(Until(10))
    batch.refresh_from_db()
    assert (batch.done, batch.owner, batch.lease_until) == (10, "", None)
    rounds.work(Until(24))
    assert Certificate.objects.values("person").distinct().count() == 24
