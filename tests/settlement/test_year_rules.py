"""By which pack the figures of a benefit are told."""

from datetime import date
from pathlib import Path

import pytest

from app.benefits import packs
from app.settlement import summary
from app.settlement.models import SettlementState
from app.settlement.person_bills import Group, Totals
from tests.benefits.trial_policy import TRIAL_POLICY, folder_with


def test_a_county_that_went_on_with_its_city_s_year_is_told_its_own_caps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # given a city's pack, and since July one of a county that pays up to 3,000 yuan under the city's accumulators
    county = TRIAL_POLICY.replace('"9901"', '"990101"', 1).replace("= 2023-01-01", "= 2024-07-01")
    county = county.replace('accumulator = "', 'accumulator = "9901:').replace("yuan = 2000,", "yuan = 3000,")
    folder_with(folder_with(tmp_path), county, name="990101-2024-07-01.toml")
    found = packs.Catalogue(tmp_path)
    monkeypatch.setattr(packs, "catalogue", lambda: found)
    settled = [
        Group(SettlementState.SETTLED, "41", pack_id, "outpatient", Totals())
        for pack_id in ("9901@2023-01-01", "990101@2024-07-01")
    ]

    # when somebody of the county looks at the year, and somebody of the city
    of_county = summary._rules("9901:outpatient", date(2024, 12, 31), settled)
    of_city = summary._rules("9901:outpatient", date(2024, 12, 31), settled[:1])

    # then each is told the caps that hold
    for rules, cap_fen in ((of_county, 300_000), (of_city, 200_000)):
        assert rules is not None
        [benefit] = rules.benefits
        assert benefit.fund_cap is not None
        assert benefit.fund_cap.value == cap_fen
