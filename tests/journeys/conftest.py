"""What journeys share: a prepared ground for all, a browser for each worker, a started product for each module."""

import json
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys import looking
from tests.journeys.guests import QUICK, Guest, House
from tests.journeys.stage import DEMO, Product, free_port, product
from tests.journeys.wire import Wire
from tests.workers import alone, common
from tools import browser as browsers

GROUND_PORT = 1
"""Nothing listens there: the addresses of the ground only stand for those of a product."""
TABLE = looking.SHOTS / "primary-actions.json"


@pytest.fixture(scope="session")
def ground(tmp_path_factory: pytest.TempPathFactory) -> Product:
    """Made by the first worker that asks; a product begins with a copy of it."""
    shared = common(tmp_path_factory)
    made = Product(shared / "ground", port=GROUND_PORT)
    with alone(shared / "ground.lock"):
        if not (made.home / DEMO).exists():
            made.prepare()
            TABLE.unlink(missing_ok=True)
    return made


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    path = browsers.find()
    if path is None:
        pytest.skip(browsers.WHY_NOT)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=looking.ARGS)
        yield started
        started.close()
        write_table()


@pytest.fixture(autouse=True)
def closed(browser: Browser) -> Iterator[None]:
    """A live page that outlives its test goes on asking the server."""
    yield
    for context in browser.contexts:
        context.close()


def write_table() -> None:
    """Each worker adds the pages that it saw."""
    with alone(looking.SHOTS / "lock"):
        known = json.loads(TABLE.read_text()) if TABLE.exists() else {}
        TABLE.write_text(json.dumps(known | looking.TABLE, ensure_ascii=False, indent=1, sort_keys=True))


@pytest.fixture(scope="module")
def viso(tmp_path_factory: pytest.TempPathFactory, ground: Product) -> Iterator[Product]:
    with product(tmp_path_factory.mktemp("viso"), ground) as whole:
        yield whole


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory, ground: Product) -> Iterator[House]:
    port = free_port()
    wire = Wire(port)
    extra = QUICK | {"SITE_URL": wire.site, "EXTRA_ORIGINS": wire.site}
    viso = Product(tmp_path_factory.mktemp("viso"), port=port, extra=extra)
    viso.stand_on(ground)
    viso.forward(600)
    try:
        viso.start()
        yield House(viso, wire)
    finally:
        wire.close()
        viso.end()


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
