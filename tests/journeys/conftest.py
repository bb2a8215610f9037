"""What journeys share: one browser, one started product for each module."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.journeys import looking
from tests.journeys.stage import Product, product
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
