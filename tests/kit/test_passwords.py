"""Passwords: only the right one passes, and a user who does not exist costs as much as one who does."""

import time
from concurrent.futures import ThreadPoolExecutor
from statistics import median

import pytest
from argon2.exceptions import InvalidHashError

from app.kit.passwords import Passwords

CHEAP = {"memory_kib": 64, "rounds": 1, "lanes": 1}


@pytest.fixture(scope="module")
def passwords() -> Passwords:
    return Passwords(**CHEAP)


def test_only_the_password_that_made_a_hash_passes(passwords: Passwords) -> None:
    kept = passwords.hash("汉滨-Station-8")

    assert passwords.verify(kept, "汉滨-Station-8")
    assert not passwords.verify(kept, "汉滨-station-8")
    assert not passwords.verify(kept, "")


def test_the_same_password_is_kept_differently_each_time_and_never_visibly(passwords: Passwords) -> None:
    first, second = passwords.hash("Station-8"), passwords.hash("Station-8")

    assert first != second
    assert "Station-8" not in first
    assert first.startswith("$argon2id$")


def test_full_width_letters_of_a_chinese_keyboard_match_plain_ones(passwords: Passwords) -> None:
    assert passwords.verify(passwords.hash("Ａｂ８８"), "Ab88")


def test_a_user_who_does_not_exist_is_refused_whatever_the_password(passwords: Passwords) -> None:
    assert not passwords.verify(None, "")
    assert not passwords.verify(None, "Station-8")


def test_a_user_who_does_not_exist_costs_the_time_of_a_wrong_password() -> None:
    passwords = Passwords(memory_kib=8 * 1024, rounds=2, lanes=1)
    kept = passwords.hash("Station-8")

    def cost(password_hash: str | None) -> float:
        times = []
        for _ in range(9):
            before = time.process_time()
            passwords.verify(password_hash, "wrong")
            times.append(time.process_time() - before)
        return median(times)

    assert 0.4 < cost(None) / cost(kept) < 2.5


def test_a_damaged_hash_is_reported_and_not_taken_for_a_wrong_password(passwords: Passwords) -> None:
    with pytest.raises(InvalidHashError):
        passwords.verify("not a hash", "Station-8")


def test_a_hash_of_another_cost_asks_to_be_made_anew(passwords: Passwords) -> None:
    dearer = Passwords(memory_kib=128, rounds=1, lanes=1)
    kept = passwords.hash("Station-8")

    assert not passwords.needs_rehash(kept)
    assert dearer.needs_rehash(kept)
    assert dearer.verify(kept, "Station-8")


def test_the_production_cost_is_the_second_recommended_option_of_rfc_9106() -> None:
    assert "$m=65536,t=3,p=4$" in Passwords().hash("Station-8")


def test_many_sign_ins_at_once_all_get_their_own_answer(passwords: Passwords) -> None:
    kept = passwords.hash("Station-8")
    tries = ["Station-8", "wrong"] * 20

    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda password: passwords.verify(kept, password), tries))

    assert answers == [True, False] * 20
