"""What all kinds of packs have in common, on a kind made up here: at what hour offices open and close."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import pytest

from app.kit.pack_file import PackFile
from app.kit.packs import (
    PackCatalogue,
    PackHead,
    PackNote,
    RegionPack,
    Ruled,
    SourceKind,
    check_default,
    check_overlaps,
    completed,
    with_baseline,
)
from app.kit.text import Text
from app.kit.toml_section import PackError

FILE = "9901-2023-01-01.toml"
PACK = """
region_code = "9901"
name = "试验市"
name_en = "Trial"
title = "试验"
effective_from = 2023-01-01
baseline = "default@2020-01-01"

[sources.one]
kind = "regional"
ref = "[002] a document"
text = "what it says"

[hours]
opens = { value = 9, source = "one" }
closes = { value = 17, source = "one" }

[[note]]
zh = "话"
en = "words"
source = "one"
"""


@dataclass
class StatedHours:
    head: PackHead
    hours: dict[str, Ruled[int]] = field(default_factory=dict)
    notes: list[PackNote] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Hours(RegionPack):
    opens: Ruled[int]
    closes: Ruled[int]


class HoursReader(PackFile):
    def read(self, *, ends: bool = True) -> StatedHours | None:
        head = self.read_head(ends=ends)
        if head is None:
            return None
        stated = StatedHours(head)
        self.read_sources()
        with self.collecting():
            table = self.root.table("hours")
            for name in table.names():
                with self.collecting():
                    stated.hours[name] = self.ruled(table, name, lambda entry: entry.integer("value", 0, 24))
        stated.notes = self.notes()
        self.finish()
        return stated


def read(tmp_path: Path, text: str | bytes, *, ends: bool = True) -> tuple[StatedHours | None, list[str]]:
    path = tmp_path / FILE
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    reader = HoursReader(path)
    return reader.read(ends=ends), [str(error) for error in reader.errors]


def a_head(pack_id: str, *, until: str | None = None, baseline: str | None = None) -> PackHead:
    region, begins = pack_id.split("@")
    end = None if until is None else date.fromisoformat(until)
    name = Text("试验市", "Trial")
    return PackHead(
        f"{region}-{begins}.toml", region, name, "试验", date.fromisoformat(begins), end, baseline
    )


def a_catalogue(*heads: PackHead) -> PackCatalogue[RegionPack]:
    return PackCatalogue("office pack", [RegionPack(head) for head in heads])


def test_a_sound_file_gives_its_head_its_values_with_their_sources_and_its_notes(tmp_path: Path) -> None:
    stated, errors = read(tmp_path, PACK)

    assert errors == []
    assert stated is not None
    assert stated.head == replace(a_head("9901@2023-01-01"), baseline="default@2020-01-01")
    opens = stated.hours["opens"]
    assert (opens.value, opens.source.kind, opens.source.ref) == (9, SourceKind.REGIONAL, "[002] a document")
    [note] = stated.notes
    assert (note.words.zh, note.words.en, note.source) == ("话", "words", opens.source)


@pytest.mark.parametrize(
    ("old", "new", "finding"),
    [
        pytest.param("title =", "title", "(file): is not readable as TOML", id="not TOML"),
        pytest.param(
            '"9901"', '"here"', "region_code: must be 2, 4 or 6 digits or 'default'", id="region no digits"
        ),
        pytest.param('name = "试验市"', "", "name: is missing", id="nameless"),
        pytest.param('title = "试验"', 'title = " "', "title: must be a text", id="empty title"),
        pytest.param("= 2023-01-01", "= 2023-02-01", "effective_from: the file's name", id="other file name"),
        pytest.param(
            "= 2023-01-01", '= "2023-01-01"', "effective_from: must be a plain date", id="day as text"
        ),
        pytest.param(
            "baseline",
            "effective_until = 2022-12-31\nbaseline",
            "effective_until: lies before",
            id="ends first",
        ),
        pytest.param('"regional"', '"hearsay"', "sources.one.kind: 'hearsay' is none of", id="who says so"),
        pytest.param('text = "what it says"', "", "sources.one.text: is missing", id="says nothing"),
        pytest.param(
            'ref = "[002]', 'page = 2\nref = "[002]', "sources.one.page: is not a key", id="stray key"
        ),
        pytest.param(
            "[hours]",
            '[sources.two]\nkind = "ours"\nref = "x"\ntext = "x"\n[hours]',
            "sources.two: is used by nothing",
            id="idle source",
        ),
        pytest.param(
            "9, source", "25, source", "hours.opens.value: must be a whole number", id="no such hour"
        ),
        pytest.param('9, source = "one"', "9", "hours.opens.source: is missing", id="no source"),
        pytest.param(
            '9, source = "one"',
            '9, source = "two"',
            "hours.opens.source: there is no [sources.two]",
            id="unknown",
        ),
        pytest.param("value = 9", "value = 9, at = 1", "hours.opens.at: is not a key", id="unread key"),
        pytest.param("[[note]]", "[[notes]]", "notes: is not a key of this table", id="unread table"),
        pytest.param("[[note]]", "[note]", "note: must be a list of tables", id="note no list"),
        pytest.param('zh = "话"', "", "note[1].zh: is missing", id="note without Chinese"),
    ],
)
def test_what_is_wrong_is_named_by_its_place_in_the_file(
    tmp_path: Path, old: str, new: str, finding: str
) -> None:
    assert old in PACK
    _, errors = read(tmp_path, PACK.replace(old, new, 1))
    assert [error for error in errors if error.startswith(f"{FILE}: {finding}")], errors


def test_everything_that_is_wrong_is_named_at_once_and_nothing_that_follows_from_it(tmp_path: Path) -> None:
    """Given a source that only a broken table names, it is not called unused."""
    broken = PACK.replace("value = 9", "value = 99").replace("value = 17", "value = 77")
    broken = broken.replace('zh = "话"', "")

    stated, errors = read(tmp_path, broken)

    assert [error.split(": ")[1] for error in errors] == [
        "hours.opens.value",
        "hours.closes.value",
        "note[1].zh",
    ]
    assert stated is not None
    assert stated.hours == {}


def test_a_file_that_is_no_text_is_named_and_not_read_on(tmp_path: Path) -> None:
    stated, errors = read(tmp_path, PACK.encode("gb18030"))
    assert stated is None
    assert len(errors) == 1
    assert errors[0].startswith(f"{FILE}: (file): is not readable as TOML")


def test_of_a_kind_that_knows_no_end_the_end_is_a_key_that_nothing_reads(tmp_path: Path) -> None:
    ending = PACK.replace("baseline", "effective_until = 2023-12-31\nbaseline", 1)

    stated, errors = read(tmp_path, ending)
    assert errors == []
    assert stated is not None
    assert stated.head.effective_until == date(2023, 12, 31)
    assert read(tmp_path, ending, ends=False)[1] == [f"{FILE}: effective_until: is not a key of this table"]


@pytest.mark.parametrize(
    ("region_code", "on", "pack_id"),
    [
        pytest.param("990102", "2023-01-01", "990102@2023-01-01", id="the county's own, from its first day"),
        pytest.param("990102", "2022-12-31", "9901@2022-01-01", id="before that the city's"),
        pytest.param("990103", "2023-06-01", "9901@2022-01-01", id="another county has the city's"),
        pytest.param("9902", "2023-06-01", "99@2021-01-01", id="another city has the province's"),
        pytest.param("99", "2024-06-01", "99@2024-01-01", id="the later takes over"),
        pytest.param("99", "2024-12-31", "99@2024-01-01", id="on its last day"),
        pytest.param(
            "99", "2025-01-01", "default@2020-01-01", id="once it has ended the earlier is not revived"
        ),
        pytest.param("98", "2023-06-01", "default@2020-01-01", id="no pack: the default"),
        pytest.param("990102", "2020-06-01", "default@2020-01-01", id="before all of the region's"),
    ],
)
def test_the_pack_of_a_day_is_the_nearest_region_s_that_had_last_begun(
    region_code: str, on: str, pack_id: str
) -> None:
    found = a_catalogue(
        a_head("99@2024-01-01", until="2024-12-31"),
        a_head("default@2020-01-01"),
        a_head("99@2021-01-01"),
        a_head("990102@2023-01-01"),
        a_head("9901@2022-01-01"),
    ).pack_for(region_code, date.fromisoformat(on))

    assert found.pack_id == pack_id


def test_a_pack_is_found_again_by_its_id_and_who_looks_in_vain_is_told_what_for() -> None:
    catalogue = a_catalogue(a_head("default@2020-01-01"), a_head("99@2021-01-01"))

    assert catalogue.pack_by_id("99@2021-01-01").region_code == "99"
    with pytest.raises(LookupError, match="there is no office pack '99@1999-01-01'"):
        catalogue.pack_by_id("99@1999-01-01")
    with pytest.raises(LookupError, match="no office pack is in force on 2019-12-31"):
        catalogue.pack_for("99", date(2019, 12, 31))


def test_a_catalogue_with_errors_is_refused_with_all_of_them() -> None:
    errors = [PackError(FILE, key, "is missing") for key in ("one", "two", "three")]

    with pytest.raises(PackError, match=f"{FILE}: one: is missing") as caught:
        PackCatalogue("office pack", [RegionPack(a_head("default@2020-01-01"))], errors)

    assert caught.value.__notes__ == [f"{FILE}: two: is missing", f"{FILE}: three: is missing"]


def test_a_folder_needs_a_default_pack(tmp_path: Path) -> None:
    regional, default = StatedHours(a_head("99@2021-01-01")), StatedHours(a_head("default@2020-01-01"))

    [error] = check_default(tmp_path, [regional])

    assert str(error) == f"{tmp_path.name}: default: there is no default pack that can be read"
    assert list(check_default(tmp_path, [regional, default])) == []


@pytest.mark.parametrize(
    ("until", "sound"),
    [
        pytest.param("2022-12-31", True, id="ends on the eve"),
        pytest.param("2022-06-30", True, id="leaves a gap"),
        pytest.param("2023-01-01", False, id="one day too long"),
        pytest.param(None, False, id="never ends"),
    ],
)
def test_of_packs_that_say_when_they_end_no_two_of_a_region_hold_on_one_day(
    until: str | None, *, sound: bool
) -> None:
    heads = [a_head("99@2023-01-01"), a_head("98@2022-06-01"), a_head("99@2022-01-01", until=until)]

    found = [str(error) for error in check_overlaps([StatedHours(head) for head in heads])]

    words = "99-2022-01-01.toml: effective_until: must be a day before 2023-01-01, when 99@2023-01-01 begins"
    assert found == ([] if sound else [words])


def over(base: StatedHours, own: StatedHours) -> StatedHours:
    return replace(own, hours={**base.hours, **own.hours})


@pytest.mark.parametrize(
    ("own", "baseline", "of_parents", "words"),
    [
        pytest.param("9901@2023-01-01", "default@2020-01-01", False, None, id="the default"),
        pytest.param("9901@2023-01-01", "9901@2022-01-01", False, None, id="its own past"),
        pytest.param("9901@2023-01-01", "99@2021-01-01", True, None, id="its province"),
        pytest.param(
            "9901@2023-01-01",
            "99@2021-01-01",
            False,
            "must be a default pack or an earlier one of the same region",
            id="its province where that is not wanted",
        ),
        pytest.param(
            "9901@2023-01-01",
            "98@2021-01-01",
            True,
            "must be a default pack, an earlier one of this region, or one of its parents",
            id="another province",
        ),
        pytest.param(
            "99@2023-01-01",
            "9901@2022-01-01",
            True,
            "must be a default pack, an earlier one of this region, or one of its parents",
            id="one of its own cities",
        ),
        pytest.param(
            "9901@2023-01-01", "9901@1999-01-01", True, "there is no pack '9901@1999-01-01'", id="unknown"
        ),
        pytest.param(
            "9901@2023-01-01",
            "9901@2023-01-01",
            True,
            "must be another pack that began no later than this one",
            id="itself",
        ),
        pytest.param(
            "9901@2023-01-01",
            "9901@2024-01-01",
            True,
            "must be another pack that began no later than this one",
            id="its own future",
        ),
    ],
)
def test_a_pack_builds_on_the_default_its_own_past_or_where_that_is_wanted_its_parents(
    own: str, baseline: str, words: str | None, *, of_parents: bool
) -> None:
    others = ("default@2020-01-01", "99@2021-01-01", "98@2021-01-01", "9901@2022-01-01", "9901@2024-01-01")
    stated = {pack_id: StatedHours(a_head(pack_id)) for pack_id in others}
    mine = stated[own] = StatedHours(a_head(own, baseline=baseline))

    if words is None:
        assert with_baseline(mine, stated, over, of_parents=of_parents).head == mine.head
    else:
        with pytest.raises(PackError) as caught:
            with_baseline(mine, stated, over, of_parents=of_parents)
        assert str(caught.value) == f"{mine.head.file}: baseline: {words}"


def test_what_a_pack_does_not_state_comes_from_its_baseline_s_baseline_with_the_source_of_that(
    tmp_path: Path,
) -> None:
    city, _ = read(tmp_path, PACK.replace("default@2020-01-01", "99@2021-01-01"))
    assert city is not None
    [of_city] = {one.source for one in city.hours.values()}
    of_default = replace(of_city, ref="the default's")
    default = StatedHours(
        a_head("default@2020-01-01"),
        {name: Ruled(hour, of_default) for name, hour in (("opens", 8), ("closes", 18))},
    )
    province = StatedHours(a_head("99@2021-01-01", baseline="default@2020-01-01"))
    del city.hours["closes"]
    stated = {one.head.pack_id: one for one in (default, province, city)}

    found = with_baseline(city, stated, over, of_parents=True)

    assert found.hours == {"opens": Ruled(9, of_city), "closes": Ruled(18, of_default)}


def test_packs_are_completed_one_by_one_and_all_that_is_wrong_with_any_is_named(tmp_path: Path) -> None:
    whole, _ = read(tmp_path, PACK)
    assert whole is not None
    opens, closes = whole.hours["opens"], whole.hours["closes"]
    lacking = StatedHours(a_head("98@2021-01-01"), {"opens": opens})
    absurd = StatedHours(a_head("97@2021-01-01"), {"opens": closes, "closes": opens})

    def complete(own: StatedHours) -> Hours:
        if "closes" not in own.hours:
            raise PackError(own.head.file, "hours.closes", "is missing")
        return Hours(own.head, own.hours["opens"], own.hours["closes"])

    def contradictions(own: StatedHours, pack: Hours) -> Iterator[PackError]:
        if pack.closes.value < pack.opens.value:
            yield PackError(own.head.file, "hours", "closes before it opens")

    packs, errors = completed([lacking, absurd, whole], complete, contradictions)

    assert [pack.pack_id for pack in packs] == ["97@2021-01-01", "9901@2023-01-01"]
    assert [str(error) for error in errors] == [
        "98-2021-01-01.toml: hours.closes: is missing",
        "97-2021-01-01.toml: hours: closes before it opens",
    ]
