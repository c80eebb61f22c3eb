"""kill -9 of the server while people file: one case for each intent, and nothing that was acknowledged is lost."""

import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from mock_client import runner
from mock_client.office import Office
from mock_client.standins import StandIns
from mock_client.storm import Result, Storm
from tests.scenarios.serving import Serving

FILINGS = 60
OVER_S = 8.0


@pytest.mark.slow
@pytest.mark.timeout(240)
def test_a_server_killed_twice_during_a_storm_has_one_case_for_each_intent(
    loaded: Path, tmp_path: Path, standins: StandIns
) -> None:
    # given a server, and people who are signed in
    shutil.copytree(loaded, tmp_path / "data")
    serving = Serving(tmp_path / "data", standins, worker=False)
    serving.start()
    try:
        people = runner.read_people(None, Office.find(serving.environment))
        storm = Storm(serving.addresses, people, filings=FILINGS, seed=7, over_s=OVER_S)
        intents = storm.prepare()
        # when the server is killed twice in the middle of it
        with ThreadPoolExecutor(1) as crowd:
            raging = crowd.submit(storm.rage, intents)
            for share in (0.3, 0.6):
                wait_for_acknowledged(storm.result, round(FILINGS * share))
                serving.kill()
                serving.start()
            result = raging.result(120)
    finally:
        serving.stop()
    # then there is exactly one case for each
    assert result.to_json() | {"ok": True} == result.to_json()
    assert (result.cases, result.acknowledged, result.lost, result.twice) == (FILINGS, FILINGS, 0, 0)
    # and it was a storm: requests were repeated, and some found that their work had been done
    assert result.tries > FILINGS
    assert result.replayed > 0


def wait_for_acknowledged(result: Result, number: int) -> None:
    end = time.monotonic() + 60
    while result.acknowledged < number:
        assert time.monotonic() < end, "the storm stands still"
        time.sleep(0.02)
