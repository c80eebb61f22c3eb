"""Identifiers that any number of machines can make: ordered in time, and codes that people can read aloud."""

import itertools
import re
from concurrent.futures import ThreadPoolExecutor

import pytest

from app.kit import ids


def test_ids_are_uuid_7_and_grow() -> None:
    made = [ids.new_id() for _ in range(2000)]

    assert {one.version for one in made} == {7}
    assert made == sorted(made)
    assert len(set(made)) == len(made)


def test_ids_of_many_threads_differ() -> None:
    with ThreadPoolExecutor(8) as threads:
        made = list(
            itertools.chain.from_iterable(threads.map(lambda _: [ids.new_id() for _ in range(500)], range(8)))
        )

    assert len(set(made)) == len(made) == 4000


@pytest.mark.parametrize("length", [1, 8, 12])
def test_a_code_can_be_read_aloud(length: int) -> None:
    """No 0 and O, no 1, I and L, no U: nothing that sounds or looks like something else."""
    for _ in range(200):
        assert re.fullmatch(rf"[2-9A-HJKMNP-TV-Z]{{{length}}}", ids.readable_code(length))


def test_codes_are_not_guessed() -> None:
    assert len({ids.readable_code(12) for _ in range(5000)}) == 5000
