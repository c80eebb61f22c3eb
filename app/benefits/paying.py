"""Who pays the person's part: the own account, then shared accounts, then cash. Accounts do not pay class C."""

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Payment:
    """The person's part taken apart (fen). ``shared``: what each relative's account pays, those that pay nothing left out."""

    acct_pay_fen: int
    shared: tuple[tuple[str, int], ...]
    cash_fen: int

    @property
    def acct_mulaid_pay_fen(self) -> int:
        """What family sharing pays in all."""
        return sum(fen for _, fen in self.shared)


def split(
    psn_part_fen: int,
    account_payable_fen: int,
    own_balance_fen: int,
    shared: Sequence[tuple[str, int]] = (),
) -> Payment:
    """Take the person's part from the own account, then from shared ones in the order given, the rest in cash.

    All amounts in fen. account_payable_fen: how much of the part accounts may pay (``Result.account_payable_fen``).
    shared: account and what may be taken from it. An account that should not be used comes with balance 0.
    Raises ValueError for amounts that cannot be.
    """
    if not 0 <= account_payable_fen <= psn_part_fen:
        raise ValueError(f"accounts cannot pay {account_payable_fen} of {psn_part_fen} fen")
    if own_balance_fen < 0 or any(available < 0 for _, available in shared):
        raise ValueError("no account is below zero")
    own = min(account_payable_fen, own_balance_fen)
    left = account_payable_fen - own
    taken: list[tuple[str, int]] = []
    for account, available in shared:
        fen = min(left, available)
        if fen:
            taken.append((account, fen))
            left -= fen
    return Payment(own, tuple(taken), psn_part_fen - account_payable_fen + left)
