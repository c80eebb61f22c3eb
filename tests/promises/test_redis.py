"""Past one machine: jobs and rate limits in a real Redis."""

import os
import time
import uuid
from collections.abc import Iterator
from dataclasses import replace

import pytest
import redis
from huey.consumer import Consumer

from app import create_app, make_jobs
from app.config import Settings
from app.gateways.parts import Parts
from app.kit.api.application import Application
from app.kit.api.failures import FailureLimit
from app.kit.errors import Problem
from mock_client.standins import StandIns
from tests.conftest import REQUIRE_ALL
from tests.world import World

REDIS = os.environ.get("TEST_REDIS", "redis://127.0.0.1:6379/13")


def redis_answers() -> bool:
    try:
        return bool(redis.Redis.from_url(REDIS, socket_connect_timeout=2).ping())
    except redis.RedisError:
        return False


pytestmark = [
    pytest.mark.redis,
    pytest.mark.skipif(not (REQUIRE_ALL or redis_answers()), reason="no Redis answers on 127.0.0.1:6379"),
    pytest.mark.xdist_group("redis"),
]


@pytest.fixture
def redis_url() -> Iterator[str]:
    """A Redis database of the tests' own, emptied before and after."""
    client = redis.Redis.from_url(REDIS)
    client.flushdb()
    yield REDIS
    client.flushdb()
    client.close()


@pytest.fixture
def settings(settings: Settings, redis_url: str) -> Settings:
    return replace(settings, redis_url=redis_url, rate_limits=True, rate_sign_in="3/minute")


@pytest.fixture
def app(settings: Settings, parts: Parts) -> Application:
    return create_app(settings, parts)


def test_a_worker_on_redis_sends_what_a_web_process_queued(
    app: Application, parts: Parts, standins: StandIns
) -> None:
    world = World(app)
    citizen = world.citizen()
    consumer = Consumer(
        make_jobs(parts).huey, workers=1, worker_type="thread", initial_delay=0.05, max_delay=0.2
    )
    consumer.start()
    try:
        world.filing(citizen, "approved")
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            [notice] = citizen.ok("GET", "/me/notices")["items"]
            if notice["status"] == "sent":
                break
            time.sleep(0.1)
    finally:
        consumer.stop(graceful=True)
    assert notice["status"] == "sent"
    assert notice["channel"] == "wechat"


def test_a_limit_counts_over_all_web_processes_together(settings: Settings, parts: Parts) -> None:
    first, second = create_app(settings, parts), create_app(settings, parts)
    answers = []
    for app in (first, second, first, second):
        body = {"username": f"nobody-{uuid.uuid4().hex[:6]}", "password": "wrong-password"}
        answers.append(app.test_client().post("/api/v1/auth/staff", json=body))
    assert [answer.status_code for answer in answers] == [401, 401, 401, 429]
    assert answers[-1].json is not None
    assert answers[-1].json["code"] == "too_many_requests"
    assert int(answers[-1].headers["Retry-After"]) > 0


def test_while_redis_is_away_people_are_still_served(settings: Settings, parts: Parts) -> None:
    app = create_app(replace(settings, redis_url="redis://127.0.0.1:1/0"), parts)
    world = World(app)
    citizen = world.citizen()
    case = world.filing(citizen, "approved")
    assert case["status"] == "approved", (
        "what is committed is answered, though nobody could be knocked up to tell"
    )
    assert citizen.ok("GET", "/me/notices")["items"][0]["status"] == "queued"


def test_failures_are_counted_for_all_web_processes_together(redis_url: str) -> None:
    one, other = (FailureLimit("2/minute", redis_url) for _ in range(2))
    for limit in (one, other):
        limit.check("voucher_code", "terminal")
        limit.count("voucher_code", "terminal")

    with pytest.raises(Problem, match="too_many_requests"):
        one.check("voucher_code", "terminal")
    other.check("voucher_code", "another")
