"""A phone keeps its session, its drafts and its word."""

import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from small_office import REFRESH, SmallOffice, problem

from mock_client.device import Phone, SignedOut
from mock_client.outbox import Ref
from mock_client.transport import OFFLINE, Fate, FilePart, NoSignal, Refused, Retry, Signal

STILL = Signal("still")
PHOTO = FilePart("a.jpg", b"\xff\xd8\xff" + bytes(3000), "image/jpeg")


@pytest.fixture
def office() -> Iterator[SmallOffice]:
    with SmallOffice() as running:
        yield running


@pytest.fixture
def phone(office: SmallOffice) -> Phone:
    phone = Phone("mother", 7, office.url, signal=STILL, pace=0, retry=Retry(tries=4), run="test")
    phone.remember(office.session())
    return phone


def test_a_call_carries_the_token_and_the_language(phone: Phone, office: SmallOffice) -> None:
    phone.call("GET", "/me", expect=200)
    phone.call("GET", "/regions", signed=False, expect=200)

    signed, public = office.arrivals
    assert signed.headers["Authorization"] == "Bearer access-0"
    assert "Authorization" not in public.headers
    assert public.headers["Accept-Language"] == "zh-CN"


def test_an_expired_token_is_renewed_and_the_call_made_once_more_under_its_key(
    phone: Phone, office: SmallOffice
) -> None:
    office.expire()

    answer = phone.call("POST", "/filings", json={"a": 1}, idempotency_key="k", expect=201)

    assert answer.json == {"id": "thing-1"}
    assert office.paths() == ["/filings", REFRESH, "/filings"]
    assert [arrival.key for arrival in office.arrivals if arrival.path != REFRESH] == ["k", "k"]
    assert (phone.tokens.access, phone.tokens.refresh) == ("access-1", "refresh-1")


def test_the_rotated_refresh_token_serves_the_next_time(phone: Phone, office: SmallOffice) -> None:
    for _ in range(3):
        office.expire()
        phone.call("GET", "/me", expect=200)

    assert office.refreshes == 3


def test_eight_threads_renew_an_expired_token_once(phone: Phone, office: SmallOffice) -> None:
    office.expire()

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: phone.call("GET", "/me"), range(24)))

    assert {answer.status for answer in answers} == {200}
    assert office.refreshes == 1


def test_a_refresh_whose_answer_is_lost_is_repeated_under_the_same_key(
    phone: Phone, office: SmallOffice
) -> None:
    office.expire()
    phone.network.foresee(Fate.DELIVERED, *[Fate.LOST_AFTER] * 4)

    with pytest.raises(NoSignal):
        phone.call("GET", "/me")
    answer = phone.call("GET", "/me", expect=200)

    renewals = [arrival for arrival in office.arrivals if arrival.path == REFRESH]
    assert answer.status == 200
    assert office.refreshes == 1
    assert len(renewals) == 5
    assert len({renewal.key for renewal in renewals}) == 1


def test_an_ended_session_signs_the_phone_out(phone: Phone, office: SmallOffice) -> None:
    office.expire()
    office.refresh = "somebody-else-used-it"

    with pytest.raises(SignedOut) as caught:
        phone.call("GET", "/me")

    assert isinstance(caught.value.__cause__, Refused)
    assert phone.tokens.access is None
    assert phone.tokens.refresh is None


def test_a_server_in_trouble_does_not_sign_the_phone_out(phone: Phone, office: SmallOffice) -> None:
    office.expire()
    office.replies.extend([problem(401, "token_expired"), problem(500, "trouble")])

    with pytest.raises(Refused, match="trouble"):
        phone.call("GET", "/me")

    assert phone.call("GET", "/me", expect=200).status == 200


def test_a_token_that_is_refused_for_another_reason_is_not_renewed(phone: Phone, office: SmallOffice) -> None:
    office.access = "another"

    with pytest.raises(Refused, match="token_invalid"):
        phone.call("GET", "/me", expect=200)
    assert office.refreshes == 0


def test_without_a_refresh_token_an_expired_session_is_over(phone: Phone, office: SmallOffice) -> None:
    phone.remember({"access_token": office.access})
    office.expire()

    with pytest.raises(SignedOut):
        phone.call("GET", "/me")


def test_keys_are_random_uuids_that_follow_seed_name_and_run(office: SmallOffice) -> None:
    def keys(name: str, seed: int, run: str | None) -> list[str]:
        phone = Phone(name, seed, office.url, run=run)
        return [phone.new_key() for _ in range(20)]

    same = keys("a", 7, "r")
    assert same == keys("a", 7, "r")
    assert {uuid.UUID(key).version for key in same} == {4}
    others = [keys("b", 7, "r"), keys("a", 8, "r"), keys("a", 7, "s"), keys("a", 7, None), keys("a", 7, None)]
    assert len({key for some in [same, *others] for key in some}) == 120


def test_a_wrong_clock_shifts_what_the_phone_dates(office: SmallOffice) -> None:
    phone = Phone("late", 1, office.url, clock_offset=timedelta(days=-400))

    gone = datetime.now(UTC) - phone.clock.now()
    assert timedelta(days=399, hours=23) < gone < timedelta(days=400, hours=1)
    assert phone.camera.today == phone.clock.today()


def test_drafts_wait_without_signal_and_arrive_in_order(phone: Phone, office: SmallOffice) -> None:
    phone.network.change(OFFLINE)
    photo = phone.keep("身份证", "POST", "/materials", form={"kind": "id_card_front"}, files={"file": PHOTO})
    phone.keep("备案", "POST", "/filings", json={"material_ids": [Ref(photo.key)], "note": "远"})

    stuck = phone.send_kept()
    assert (stuck.waiting, office.arrivals) == (2, [])

    phone.network.change(STILL)
    sent = phone.send_kept()

    assert [answer.json["id"] for answer in sent.delivered.values()] == ["thing-1", "thing-2"]
    assert office.paths() == ["/materials", "/filings"]
    assert office.work[1] == '{"material_ids":["thing-1"],"note":"远"}'.encode()
    assert len(phone.outbox) == 0


@pytest.mark.parametrize(
    "draft",
    [{"json": {"a": 1}}, {"form": {"kind": "id_card_front"}, "files": {"file": PHOTO}}],
    ids=["json", "photo"],
)
def test_a_draft_whose_answer_was_lost_is_sent_again_and_arrives_once(
    phone: Phone, office: SmallOffice, draft: dict[str, Any]
) -> None:
    kept = phone.keep("备案", "POST", "/things", **draft)
    phone.network.foresee(*[Fate.LOST_AFTER] * 4)

    assert phone.send_kept().waiting == 1
    again = phone.send_kept()

    assert again.delivered[kept.key].json == {"id": "thing-1"}
    assert len(office.work) == 1
    assert len(office.arrivals) == 5


def test_a_refused_draft_is_set_aside_with_those_that_need_it_and_blocks_no_other(
    phone: Phone, office: SmallOffice
) -> None:
    photo = phone.keep("照片", "POST", "/materials", files={"file": PHOTO})
    needing = phone.keep("甲", "POST", "/filings", json={"form": {"photo": Ref(photo.key)}})
    other = phone.keep("乙", "POST", "/filings", json={"b": 2})
    office.replies.append(problem(422, "photo_broken"))

    flushed = phone.send_kept()

    assert [(aside.draft.label, aside.refused.code) for aside in flushed.set_aside] == [
        ("照片", "photo_broken"),
        ("甲", "photo_broken"),
    ]
    assert list(flushed.delivered) == [other.key]
    assert flushed.waiting == 0
    assert needing.needs() == {photo.key}


def test_a_server_in_trouble_leaves_the_outbox_as_it_is(phone: Phone, office: SmallOffice) -> None:
    phone.keep("甲", "POST", "/filings", json={})
    phone.keep("乙", "POST", "/filings", json={})
    office.replies.append(problem(500, "trouble"))

    assert phone.send_kept().waiting == 2
    assert phone.send_kept().waiting == 0


def test_signed_out_means_that_drafts_wait_for_the_next_sign_in(phone: Phone, office: SmallOffice) -> None:
    phone.keep("备案", "POST", "/filings", json={})
    office.replies.append(problem(401, "token_invalid"))

    with pytest.raises(SignedOut):
        phone.send_kept()
    assert len(phone.outbox) == 1

    phone.remember(office.session())
    assert len(phone.send_kept().delivered) == 1


def test_a_draft_cannot_need_what_was_never_kept(phone: Phone) -> None:
    with pytest.raises(ValueError, match="never kept"):
        phone.keep("备案", "POST", "/filings", json={"a": Ref("nothing")})


def test_a_draft_may_need_one_that_was_delivered_earlier(phone: Phone, office: SmallOffice) -> None:
    photo = phone.keep("照片", "POST", "/materials", files={"file": PHOTO})
    phone.send_kept()

    phone.keep("备案", "POST", "/filings", json={"m": Ref(photo.key)})
    phone.send_kept()

    assert office.work[1] == b'{"m":"thing-1"}'


def test_a_phones_repr_tells_neither_tokens_nor_names(phone: Phone) -> None:
    draft = phone.keep("备案", "POST", "/filings", json={"name": "王小明"})

    shown = repr(phone) + repr(phone.tokens) + repr(draft)
    assert not any(secret in shown for secret in ("access-0", "refresh-0", "王小明", "mother"))
