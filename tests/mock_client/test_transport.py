"""A careful client on a poor network: patient, and never twice where once was meant."""

import logging
import socket
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from small_office import Reply, SmallOffice, problem

from mock_client.transport import (
    MOUNTAIN,
    OFFLINE,
    Fate,
    FilePart,
    Network,
    NoSignal,
    Refused,
    Retry,
    Signal,
    Transport,
    Unexpected,
)

ID_NO = "612401195803124528"
NOWHERE = Signal("nowhere")


class RestingClock:
    """A clock on which sleeping takes no time and is written down."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def now(self) -> datetime:
        return datetime(2030, 1, 1, tzinfo=UTC)

    def monotonic(self) -> float:
        return sum(self.slept)

    def sleep(self, seconds: float) -> None:
        if seconds:
            self.slept.append(seconds)


@pytest.fixture
def office() -> Iterator[SmallOffice]:
    with SmallOffice() as running:
        yield running


@pytest.fixture
def clock() -> RestingClock:
    return RestingClock()


@pytest.fixture
def transport(office: SmallOffice, clock: RestingClock) -> Iterator[Transport]:
    opened = Transport(office.url, Network(NOWHERE, seed=7), clock, retry=Retry(tries=4), seed=7)
    yield opened
    opened.close()


def test_an_expected_answer_comes_back_whole(transport: Transport) -> None:
    answer = transport.call("GET", "/me", params={"q": "a b", "all": True, "cursor": None}, expect=200)

    assert answer.json == {"path": "/me?q=a+b&all=true"}
    assert answer.request_id == "request-1"
    assert (answer.status, answer.tries, answer.media_type) == (200, 1, "application/json")


def test_a_problem_document_is_raised_with_its_reason_and_fields(
    transport: Transport, office: SmallOffice
) -> None:
    errors = {"json": {"form": {"begin_date": ["日期不对"]}}, "material_ids": ["缺身份证"]}
    office.replies.append(problem(422, "invalid_form", errors=errors))

    with pytest.raises(Refused) as caught:
        transport.call("POST", "/filings", json={}, expect={200, 201})

    refused = caught.value
    assert (refused.status, refused.code, refused.detail) == (422, "invalid_form", "请重试：invalid_form")
    assert refused.errors == {"json.form.begin_date": ["日期不对"], "material_ids": ["缺身份证"]}
    assert refused.answer.json["title"] == "invalid_form"


def test_without_expect_a_refusal_is_an_answer_like_others(transport: Transport, office: SmallOffice) -> None:
    office.replies.append(problem(404, "not_found"))

    assert transport.call("GET", "/filings/1").status == 404


@pytest.mark.parametrize(
    "reply",
    [
        Reply(500, "<h1>oh</h1>", "text/html"),
        Reply(200, {"id": 1}),
        Reply(404, ["no object"], "application/problem+json"),
    ],
    ids=["html", "another success", "a problem that is no object"],
)
def test_an_answer_outside_the_contract_is_named_so(
    transport: Transport, office: SmallOffice, reply: Reply
) -> None:
    office.replies.append(reply)

    with pytest.raises(Unexpected, match=str(reply.status)):
        transport.call("POST", "/filings", json={}, expect=201)


@pytest.mark.parametrize("fate", [Fate.LOST_BEFORE, Fate.LOST_AFTER])
@pytest.mark.parametrize(
    ("method", "key", "repeated"),
    [
        ("GET", None, True),
        ("POST", None, False),
        ("POST", "k1", True),
        ("PATCH", None, False),
        ("DELETE", None, False),
    ],
)
def test_only_what_is_safe_is_repeated(
    transport: Transport, office: SmallOffice, fate: Fate, method: str, key: str | None, repeated: bool
) -> None:
    transport.network.foresee(fate)

    if repeated:
        assert transport.call(method, "/x", idempotency_key=key).tries == 2
    else:
        with pytest.raises(NoSignal) as caught:
            transport.call(method, "/x", idempotency_key=key)
        assert caught.value.perhaps_done
    reached = (fate is Fate.LOST_AFTER) + repeated
    assert len(office.arrivals) == reached


@pytest.mark.parametrize(
    "call",
    [
        {"json": {"name": "王小明", "id_no": ID_NO}},
        {
            "form": {"kind": "id_card_front"},
            "files": {"file": FilePart("身份证.jpg", b"\xff\xd8\xff", "image/jpeg")},
        },
    ],
    ids=["json", "multipart"],
)
def test_every_try_carries_the_same_key_and_the_same_bytes(
    transport: Transport, office: SmallOffice, call: dict[str, object]
) -> None:
    transport.network.foresee(Fate.LOST_AFTER, Fate.CUT, Fate.LOST_AFTER)

    answer = transport.call("POST", "/things", idempotency_key="one", expect=201, **call)  # type: ignore[arg-type]  # each case is a part of the signature

    whole = [arrival for arrival in office.arrivals if arrival.whole]
    assert answer.json == {"id": "thing-1"}
    assert len(office.work) == 1, "the work was done once"
    assert {(arrival.key, arrival.body, arrival.headers["Content-Type"]) for arrival in whole} == {
        ("one", office.work[0], whole[0].headers["Content-Type"])
    }
    assert len(whole) == 3


def test_a_cut_upload_reaches_the_server_in_part_and_does_nothing(
    transport: Transport, office: SmallOffice
) -> None:
    transport.network.foresee(Fate.CUT)
    photo = FilePart("photo.jpg", bytes(50_000), "image/jpeg")

    transport.call("POST", "/materials", files={"file": photo}, idempotency_key="p", expect=201)

    broken, complete = sorted(office.arrived(2), key=lambda arrival: arrival.whole)
    assert not broken.whole
    assert 0 < len(broken.body) < len(complete.body)
    assert broken.headers["Content-Length"] == str(len(complete.body))
    assert len(office.work) == 1


def test_what_has_no_body_cannot_be_cut(transport: Transport, office: SmallOffice) -> None:
    transport.network.foresee(Fate.CUT)

    assert transport.call("GET", "/me").tries == 2
    assert len(office.arrivals) == 1


def test_a_phone_that_is_offline_knows_that_nothing_was_done(
    transport: Transport, office: SmallOffice
) -> None:
    transport.network.change(OFFLINE)

    with pytest.raises(NoSignal) as caught:
        transport.call("POST", "/filings", json={}, idempotency_key="k")

    assert (caught.value.tries, caught.value.perhaps_done) == (4, False)
    assert office.arrivals == []


def test_nobody_listening_is_no_signal(clock: RestingClock) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}"

    with pytest.raises(NoSignal):
        Transport(url, Network(NOWHERE), clock, retry=Retry(tries=2)).call("GET", "/me")


def test_a_server_that_hangs_up_is_asked_again(transport: Transport, office: SmallOffice) -> None:
    office.replies.append(Reply(0))

    assert transport.call("POST", "/filings", json={}, idempotency_key="k", expect=201).tries == 2


def test_pauses_double_with_jitter_up_to_their_ceiling(office: SmallOffice, clock: RestingClock) -> None:
    network = Network(OFFLINE)
    retry = Retry(tries=7, first_s=1, ceiling_s=8)

    with pytest.raises(NoSignal):
        Transport(office.url, network, clock, retry=retry, seed=1).call("GET", "/me")

    for slept, longest in zip(clock.slept, [1, 2, 4, 8, 8, 8], strict=True):
        assert longest / 2 <= slept <= longest


def test_pauses_follow_the_seed_and_the_pace(office: SmallOffice) -> None:
    def pauses(seed: int, pace: float) -> list[float]:
        clock = RestingClock()
        with pytest.raises(NoSignal):
            Transport(office.url, Network(OFFLINE), clock, seed=seed, pace=pace).call("GET", "/me")
        return clock.slept

    assert pauses(1, 1.0) == pauses(1, 1.0) != pauses(2, 1.0)
    assert pauses(1, 0.5) == [pause / 2 for pause in pauses(1, 1.0)]
    assert pauses(1, 0.0) == []


@pytest.mark.parametrize(
    ("status", "headers", "slept"),
    [
        (429, {"Retry-After": "7"}, 7),
        (503, {"Retry-After": "0"}, 0),
        (409, {"Retry-After": "2"}, 2),
        (503, {"Retry-After": "Fri, 21 Nov 2025 08:00:09 GMT", "Date": "Fri, 21 Nov 2025 08:00:00 GMT"}, 9),
        (503, {"Retry-After": "Fri, 21 Nov 2025 07:00:00 GMT", "Date": "Fri, 21 Nov 2025 08:00:00 GMT"}, 0),
        (503, {"Retry-After": "Tue, 01 Jan 2030 00:00:05 GMT"}, 5),
    ],
)
def test_retry_after_is_waited_for_in_full_whatever_the_pace(
    office: SmallOffice, clock: RestingClock, status: int, headers: dict[str, str], slept: float
) -> None:
    office.replies.append(Reply(status, {}, headers=headers))
    transport = Transport(office.url, Network(NOWHERE), clock, pace=0.001)

    assert transport.call("GET", "/me", expect=200).tries == 2
    assert sum(clock.slept) == slept


@pytest.mark.parametrize(
    ("reply", "tries"),
    [
        (Reply(429, {}), 2),
        (Reply(502, {}), 2),
        (Reply(503, {}), 2),
        (Reply(504, {}), 2),
        (Reply(503, {}, headers={"Retry-After": "soon"}), 2),
        (Reply(503, {}, headers={"Retry-After": "3600"}), 1),
        (Reply(409, {}), 1),
        (Reply(500, {}), 1),
        (Reply(404, {}), 1),
    ],
    ids=lambda value: (
        f"{value.status}{dict(value.headers) or ''}" if isinstance(value, Reply) else str(value)
    ),
)
def test_only_answers_that_may_change_are_asked_for_again(
    transport: Transport, office: SmallOffice, reply: Reply, tries: int
) -> None:
    office.replies.append(reply)

    assert transport.call("POST", "/filings", json={}, idempotency_key="k").tries == tries


def test_a_busy_server_gets_no_second_unsafe_call(transport: Transport, office: SmallOffice) -> None:
    office.replies.append(Reply(503, {}))

    assert transport.call("POST", "/auth/wechat", json={"js_code": "c"}).status == 503
    assert len(office.arrivals) == 1


def test_when_the_server_stays_busy_its_last_answer_stands(transport: Transport, office: SmallOffice) -> None:
    office.replies.extend(problem(503, "busy") for _ in range(4))

    with pytest.raises(Refused, match="busy") as caught:
        transport.call("GET", "/me", expect=200)
    assert caught.value.answer.tries == 4


def test_forty_filings_in_the_mountains_arrive_once_each(office: SmallOffice) -> None:
    transport = Transport(office.url, Network(MOUNTAIN, seed=7), retry=Retry(tries=40), seed=7, pace=0)

    for number in range(40):
        filing = {"number": number, "form": "x" * 2000}
        transport.call("POST", "/filings", json=filing, idempotency_key=f"key-{number}", expect=201)

    traffic = transport.network.traffic
    assert len(office.work) == len(set(office.work)) == 40
    assert traffic.attempts == sum(traffic.fates.values()) > 40
    assert all(traffic.fates[fate] for fate in (Fate.LOST_BEFORE, Fate.LOST_AFTER, Fate.CUT))


def test_bytes_on_the_air_are_counted_both_ways(transport: Transport, office: SmallOffice) -> None:
    transport.call(
        "POST", "/materials", files={"file": FilePart("a.jpg", bytes(10_000))}, idempotency_key="k"
    )

    traffic = transport.network.traffic
    assert len(office.arrivals[0].body) < traffic.bytes_sent < len(office.arrivals[0].body) + 600
    assert 0 < traffic.bytes_received < 600


def test_latency_is_waited_for_at_the_phones_pace(office: SmallOffice, clock: RestingClock) -> None:
    network = Network(Signal("slow", latency_ms=(1000, 1000)))

    Transport(office.url, network, clock, pace=0.25).call("GET", "/me")

    assert clock.slept == [0.25]


def test_no_body_header_or_query_reaches_log_or_repr(
    transport: Transport, office: SmallOffice, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    office.replies.append(Reply(200, {"id_no": ID_NO, "access_token": "secret-token"}))
    file = FilePart("a.jpg", ID_NO.encode())

    answer = transport.call(
        "POST",
        "/x",
        form={"name": ID_NO},
        files={"f": file},
        headers={"Authorization": "Bearer secret-token"},
    )

    assert "/x" in caplog.text
    for secret in (ID_NO, "secret-token"):
        assert secret not in caplog.text + repr(answer) + repr(transport)


def test_the_surroundings_do_not_meddle(
    transport: Transport, office: SmallOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    office.replies.append(Reply(302, {}, headers={"Location": "/elsewhere", "Set-Cookie": "a=b; Path=/"}))

    assert transport.call("GET", "/me").status == 302
    transport.call("GET", "/me")

    assert office.paths() == ["/me", "/me"]
    assert "Cookie" not in office.arrivals[1].headers


def test_json_and_multipart_do_not_mix(transport: Transport) -> None:
    with pytest.raises(ValueError, match="not both"):
        transport.call("POST", "/x", json={}, form={"a": "b"})
