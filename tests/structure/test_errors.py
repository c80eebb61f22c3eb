"""Every refusal tells people, in two languages, what happened and what to do now."""

import re
import string

import pytest

from app.kit.api.problems import _TITLES
from app.kit.errors import CATALOGUE, ErrorKind, define
from tests.structure.modules import import_everything

import_everything()
KINDS = tuple(sorted(CATALOGUE.values(), key=lambda kind: kind.code))
HAN = re.compile(r"[\u4e00-\u9fff]")
SAID_BY_THE_RULES = "{reason}"
"""The whole sentence comes from a region's rules; tests of these rules look at the words."""
kinds = pytest.mark.parametrize("kind", KINDS, ids=[kind.code for kind in KINDS])


def test_the_refusals_are_found() -> None:
    assert len(KINDS) > 60


@kinds
def test_a_code_is_a_stable_name(kind: ErrorKind) -> None:
    assert re.fullmatch(r"[a-z][a-z0-9_]{2,40}", kind.code)
    assert 400 <= kind.status < 600
    assert kind.status in _TITLES, "the problem document needs a title for this status"


@kinds
def test_the_chinese_sentence_is_whole_and_gives_advice(kind: ErrorKind) -> None:
    words = str(kind.detail)
    if words == SAID_BY_THE_RULES:
        return
    assert len(HAN.findall(words)) >= 8, "say what happened and what to do now"
    assert words[-1] in "。！？"
    assert words == words.strip()
    assert not re.search(r"[,;?!](?=[\u4e00-\u9fff])", words), "Chinese punctuation in Chinese sentences"


@kinds
def test_the_english_sentence_says_the_same(kind: ErrorKind) -> None:
    words = kind.detail.en
    if words == SAID_BY_THE_RULES:
        assert words == str(kind.detail)
        return
    assert len(words) >= 8
    assert words[-1] in ".!?"
    assert words[0].isupper() or words[0] in "{0123456789"
    assert not HAN.search(words)
    assert placeholders(words) == placeholders(str(kind.detail)), "both name the same values"


@kinds
def test_no_sentence_has_a_place_for_personal_data(kind: ErrorKind) -> None:
    personal = {"id_no", "phone", "address", "openid", "name", "token", "password"}
    assert not placeholders(str(kind.detail)) & personal


def test_a_code_is_declared_once() -> None:
    with pytest.raises(ValueError, match="declared twice"):
        define("not_found", 404, "没有找到，请返回后重新选择。", "Not found. Go back and choose again.")


def placeholders(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}
