"""One line of a top-up file, checked: everything that is wrong with it at once.

=========  =====================================================================================
region     the pooling region that sends, 2 to 6 digits: ``6109``
batch_no   the region's number of the batch, usually one a month: letters, digits and ``._/-``, at most 40
psn_no     the person's number of the national platform
insutype   310; only employees have a personal account
amount     yuan with at most two decimals, more than zero: ``86.50``
=========  =====================================================================================
"""

import re
from dataclasses import dataclass, field
from typing import Final

from app.identity.models import InsuType
from app.kit.csv_rows import BadLine, Fault, Line
from app.kit.money import parse_yuan
from app.kit.text import Text
from app.ledger.models import BATCH_NO_LENGTH

COLUMNS: Final = ("region", "batch_no", "psn_no", "insutype", "amount")
MOST_FEN: Final = 10_000_000
"""100,000 yuan: what nobody gets in a month, so fen that were taken for yuan are caught. Ours."""
_REGION: Final = re.compile(r"\d{2}(\d{2}){0,2}", re.ASCII)
_BATCH_NO: Final = re.compile(rf"[0-9A-Za-z._/-]{{1,{BATCH_NO_LENGTH}}}", re.ASCII)

REQUIRED: Final = Text("必须填写", "is required")
BAD_REGION: Final = Text("应为统筹区代码，例如 6109", "must be the code of a pooling region, such as 6109")
BAD_BATCH_NO: Final = Text(
    "只能是字母、数字和 . _ / -，最多 40 位", "only letters, digits and . _ / -, at most 40"
)
NO_ACCOUNT: Final = Text("只有职工医保（310）有个人账户", "only employees (310) have a personal account")
BAD_AMOUNT: Final = Text(
    "应为大于零、最多两位小数的金额（元），例如 86.50", "must be yuan, more than zero, such as 86.50"
)
TOO_MUCH: Final = Text("一次最多充值 100,000 元，请核对单位是不是元", "at most 100,000 yuan; is it in yuan?")


@dataclass(frozen=True, slots=True)
class TopUpLine:
    """A line that can be."""

    line: int
    region_code: str
    batch_no: str
    psn_no: str = field(repr=False)
    amount_fen: int


def read_line(line: Line) -> TopUpLine | BadLine:
    """Read one line."""
    faults = [Fault(name, REQUIRED) for name in COLUMNS if not line.entries[name]]
    given = {name: value for name, value in line.entries.items() if value}
    if "region" in given and not _REGION.fullmatch(given["region"]):
        faults.append(Fault("region", BAD_REGION))
    if "batch_no" in given and not _BATCH_NO.fullmatch(given["batch_no"]):
        faults.append(Fault("batch_no", BAD_BATCH_NO))
    if "insutype" in given and given["insutype"] != InsuType.EMPLOYEE.value:
        faults.append(Fault("insutype", NO_ACCOUNT))
    amount = _amount(given["amount"]) if "amount" in given else 0
    if isinstance(amount, Text):
        faults.append(Fault("amount", amount))
    if faults or isinstance(amount, Text):
        return BadLine(line.line, tuple(faults))
    return TopUpLine(line.line, given["region"], given["batch_no"], given["psn_no"], amount)


def _amount(written: str) -> int | Text:
    """Fen, or what is wrong."""
    try:
        amount_fen = parse_yuan(written)
    except ValueError:
        return BAD_AMOUNT
    if amount_fen == 0:
        return BAD_AMOUNT
    return TOO_MUCH if amount_fen > MOST_FEN else amount_fen
