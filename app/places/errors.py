"""How places refuse."""

from app.kit.errors import Problem, define
from app.kit.text import Text

NO_SUCH_REGION = Text(
    "没有这个地区，请从列表里重新选择。", "There is no such region. Choose again from the list."
)
"""What stands beside an entry of a form, whichever form it is."""

REGION_NOT_FOUND = define(
    "region_not_found",
    404,
    "没有这个地区。请返回，从省份开始重新选择。",
    "There is no such region. Go back and choose again, starting from the province.",
)
REGION_UNKNOWN = define("region_unknown", 422, NO_SUCH_REGION.zh, NO_SUCH_REGION.en)
INSTITUTION_NOT_FOUND = define(
    "institution_not_found",
    404,
    "没有找到这家定点医药机构。请返回重新选择。",
    "There is no such designated institution. Go back and choose again.",
)
INSTITUTION_CODE_MALFORMED = Text(
    "机构编码应为 H 或 P 加 11 位数字，例如 H61090200001。",
    "An institution's code is H or P and 11 digits, such as H61090200001.",
)


def region_unknown(field: str) -> Problem:
    """The refusal of an input whose ``field`` names no region."""
    return REGION_UNKNOWN(errors={field: [REGION_UNKNOWN.detail]})
