"""The tree of regions: whole, nested, and with the right city for every place."""

import time

import pytest

from app.places import regions
from app.places.regions import Level


def everything() -> list[regions.Region]:
    found: list[regions.Region] = []
    waiting = list(regions.children(None))
    while waiting:
        region = waiting.pop()
        found.append(region)
        waiting.extend(regions.children(region.code))
    return found


def test_the_tree_has_every_row_of_its_file_once() -> None:
    rows = regions.DATA_FILE.read_text(encoding="utf-8").splitlines()[1:]
    found = everything()
    assert len(found) == len(rows) == 5631
    assert len({region.code for region in found}) == 5631


def test_there_are_31_provinces_and_each_has_cities_and_districts() -> None:
    provinces = regions.children(None)
    assert len(provinces) == 31
    for province in provinces:
        assert province.level is Level.PROVINCE
        cities = regions.children(province.code)
        assert cities
        assert all(regions.children(city.code) for city in cities)


def test_each_level_has_codes_of_its_length_that_begin_with_the_parents_code() -> None:
    lengths = {Level.PROVINCE: 2, Level.CITY: 4, Level.DISTRICT: 6, Level.TOWN: 9, Level.VILLAGE: 12}
    levels = list(Level)
    for region in everything():
        assert len(region.code) == lengths[region.level]
        assert region.code.isdecimal()
        if region.parent_code is None:
            assert region.level is Level.PROVINCE
        else:
            parent = regions.find(region.parent_code)
            assert parent is not None
            assert region.code.startswith(parent.code)
            assert levels.index(region.level) == levels.index(parent.level) + 1


def test_children_come_in_the_order_of_their_codes() -> None:
    codes = [region.code for region in regions.children("6109")]
    assert codes == sorted(codes)
    assert codes[0] == "610902"
    assert len(codes) == 10


def test_ankang_and_lueyang_reach_down_to_the_villages() -> None:
    for district in ("610902", "610981", "610727"):
        towns = regions.children(district)
        assert towns
        assert all(regions.children(town.code) for town in towns)


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("61", "陕西省"),
        ("6109", "陕西省安康市"),
        ("610902", "陕西省安康市汉滨区"),
        ("110101", "北京市东城区"),
        ("500229", "重庆市城口县"),
        ("429004", "湖北省仙桃市"),
        ("659001", "新疆维吾尔自治区石河子市"),
        ("441900", "广东省东莞市"),
        ("5132", "四川省阿坝藏族羌族自治州"),
        ("320922003", "江苏省盐城市滨海县坎北街道"),
        ("999999", ""),
    ],
)
def test_the_full_name_is_the_one_in_an_address(code: str, name: str) -> None:
    assert regions.full_name(code) == name


@pytest.mark.parametrize(
    ("place", "city"),
    [
        pytest.param("610902", "6109", id="a district gives its city"),
        pytest.param("610981", "6109", id="so does a city of county rank"),
        pytest.param("6109", "6109", id="a city gives itself"),
        pytest.param("610902107", "6109", id="a town"),
        pytest.param("610981103001", "6109", id="a village"),
        pytest.param("320922", "3209", id="a county"),
        pytest.param("11", "11", id="a municipality gives itself"),
        pytest.param("1101", "11", id="its grouping gives the municipality"),
        pytest.param("110105", "11", id="and so does its district"),
        pytest.param("120101", "12", id="Tianjin"),
        pytest.param("310115", "31", id="Shanghai"),
        pytest.param("5002", "50", id="the counties of Chongqing"),
        pytest.param("500229", "50", id="one of them"),
        pytest.param("429004", "429004", id="a county run by its province pools for itself"),
        pytest.param("469001", "469001", id="in Hainan"),
        pytest.param("659001", "659001", id="in Xinjiang"),
        pytest.param("419001", "419001", id="in Henan"),
        pytest.param("441900", "4419", id="a city without districts"),
        pytest.param("2327", "2327", id="a prefecture"),
        pytest.param("5132", "5132", id="an autonomous prefecture"),
        pytest.param("61", None, id="a whole province is no pooling region"),
        pytest.param("4690", None, id="nor is a mere line of the code table"),
        pytest.param("999999", None, id="nor an unknown code"),
        pytest.param("", None, id="nor nothing"),
    ],
)
def test_one_files_to_the_city_or_municipality_of_a_place(place: str, city: str | None) -> None:
    found = regions.city_of(place)
    assert (found.code if found else None) == city


def test_every_district_town_and_village_of_the_country_has_a_city_above_it_or_is_one() -> None:
    for region in everything():
        city = regions.city_of(region.code)
        if region.level in {Level.DISTRICT, Level.TOWN, Level.VILLAGE}:
            assert city is not None
            assert region.code.startswith(city.code)
            assert not city.is_grouping


@pytest.mark.parametrize(
    ("code", "province"), [("610902001", "61"), ("61", "61"), ("469001", "46"), ("99", None)]
)
def test_the_province_is_the_first_two_digits(code: str, province: str | None) -> None:
    found = regions.province_of(code)
    assert (found.code if found else None) == province


def test_ancestors_lead_from_the_province_down_to_the_parent() -> None:
    assert [region.name for region in regions.ancestors("610902107")] == ["陕西省", "安康市", "汉滨区"]
    assert regions.ancestors("61") == ()
    assert regions.ancestors("nowhere") == ()


def test_the_code_range_holds_a_region_and_all_below_it_and_nothing_else() -> None:
    lowest, beyond = regions.code_range("6109")
    inside = {region.code for region in everything() if lowest <= region.code < beyond}
    assert inside == {region.code for region in everything() if region.code.startswith("6109")}


def test_a_look_up_costs_next_to_nothing_once_the_tree_is_read() -> None:
    regions.find("61")
    started = time.perf_counter()
    for _ in range(10_000):
        regions.full_name("610902107")
        regions.city_of("610902107")
    assert time.perf_counter() - started < 2
