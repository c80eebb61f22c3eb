"""How places refuse."""

from app.kit.errors import Problem, define
from app.kit.text import Text

REGION_NOT_FOUND = define(
    "region_not_found",
    404,
    "没有这个地区。请返回，从省份开始重新选择。",
    "There is no such region. Go back and choose again, starting from the province.",
)
REGION_UNKNOWN = define(
    "region_unknown",
    422,
    "没有这个地区，行政区划代码不对。请从列表中重新选择地区。",
    "There is no region with this code. Please choose the region from the list.",
)
INSTITUTION_NOT_FOUND = define(
    "institution_not_found",
    404,
    "没有找到这家定点医药机构。请返回重新选择。",
    "There is no such designated institution. Go back and choose again.",
)
CURSOR_UNKNOWN = Text("翻页标识不对，请从第一页重新看。", "Not a valid cursor; start at the first page.")
INSTITUTION_CODE_MALFORMED = Text(
    "机构编码应为 H 或 P 加 11 位数字，例如 H61090200001。",
    "An institution's code is H or P and 11 digits, such as H61090200001.",
)


def region_unknown(field: str) -> Problem:
    """The refusal of an input whose ``field`` names no region."""
    return REGION_UNKNOWN(errors={field: [REGION_UNKNOWN.detail]})
