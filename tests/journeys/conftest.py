"""What journeys share: one browser, one started product for each module."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys import looking
from tests.journeys.guests import QUICK, Guest, House
from tests.journeys.stage import Product, free_port, product
from tests.journeys.wire import Wire
from tools import browser as browsers


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = browsers.find()
    if path is None:
        pytest.skip(browsers.WHY_NOT)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=looking.ARGS)
        yield started
        started.close()
        looking.SHOTS.mkdir(parents=True, exist_ok=True)
        (looking.SHOTS / "primary-actions.json").write_text(
            json.dumps(looking.TABLE, ensure_ascii=False, indent=1)
        )


@pytest.fixture(scope="module")
def viso(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Product]:
    home: Path = tmp_path_factory.mktemp("viso")
    with product(home) as whole:
        yield whole


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    port = free_port()
    wire = Wire(port)
    extra = QUICK | {"SITE_URL": wire.site, "EXTRA_ORIGINS": wire.site}
    viso = Product(tmp_path_factory.mktemp("viso"), port=port, extra=extra)
    viso.prepare()
    viso.forward(600)
    viso.start()
    yield House(viso, wire)
    wire.close()
    if viso.process is not None and viso.process.poll() is None:
        viso.stop()


@pytest.fixture
def guest(house: House, browser: Browser) -> Iterator[Guest]:
    """Somebody who has not come yet."""
    house.wire.mend()
    code, key = house.rows(
        "SELECT s.code, p.key FROM seminars_invitation i JOIN seminars_person p ON p.id = i.person_id"
        " JOIN seminars_session s ON s.id = i.session_id WHERE s.code IN (?, ?) AND i.withdrawn_at IS NULL"
        " AND p.id NOT IN (SELECT person_id FROM seminars_presenceevent WHERE session_id = s.id)"
        " ORDER BY s.state DESC, p.key LIMIT 1",
        *house.codes,
    )[0]
    context = looking.window(browser, "fr")
    yield Guest(house, str(code), str(key), context)
    context.close()
