"""What the ledger refuses."""

from typing import Final

from app.kit.errors import define

ACCOUNT_SHORT: Final = define(
    "account_short",
    409,
    "个人账户的钱不够付这笔款了，可能刚刚用过。请重新结算，不足的部分用现金支付。",
    "The personal account no longer holds enough, perhaps it was just used. Settle again and pay the rest in cash.",
)
