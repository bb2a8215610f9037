"""Two trainers seal in the same moment: the project's chain has one end, and both stand in it."""

import threading
import time
from base64 import b64encode
from datetime import datetime

import pytest
from django.conf import settings as given
from django.db import connection

from seminars.actions import sealing
from seminars.actions.ledger import subjects_of
from seminars.evidence import seals
from seminars.models import SealedSheet, Session
from seminars.queries import verification
from tests import cast


@pytest.mark.django_db(transaction=True)
def test_sheets_that_are_sealed_at_once_quote_one_another(settings, tmp_path, monkeypatch, elia):
    sign = seals.sign
    monkeypatch.setattr(seals, "sign", lambda seal: (time.sleep(0.5), sign(seal))[1])  # others come meanwhile
    settings.SEAL_KEY = b64encode(bytes(range(32))).decode()
    settings.SEALS_DIR = tmp_path / "seals"
    settings.PROJECT = given.PROJECT | {"code": "ALPI"}
    sessions = [cast.make_session(elia, datetime(2026, 3, day, 9)) for day in (9, 10, 11)]
    for session in sessions:
        ended = {"state": "ended", "opened_at": session.starts_at, "closed_at": session.ends_at}
        Session.objects.filter(pk=session.pk).update(**ended)
    subjects_of([elia.pk])  # else the first to write her salt would hold up the others
    faults: list[Exception] = []
    ready = threading.Barrier(len(sessions))

    def seal(session: Session) -> None:
        try:
            ready.wait(30)
            sealing.seal(session=session, by=elia)
        except Exception as fault:  # told by the assertion below
            faults.append(fault)
        finally:
            connection.close()

    threads = [threading.Thread(target=seal, args=[session]) for session in sessions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert faults == []
    assert sorted(SealedSheet.objects.values_list("number", flat=True)) == [1, 2, 3]
    assert list(verification.project_faults("ALPI")) == []
    assert len(list(settings.SEALS_DIR.iterdir())) == 3
