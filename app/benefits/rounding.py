"""How a share of an amount is rounded (domain.md §3): half up to the fen, once per line and once per benefit."""

WHOLE = 1000
"""All of an amount, in permille."""


def share(amount_fen: int, permille: int) -> int:
    """So many thousandths of an amount, half a fen rounded up. Raises ValueError for what is no share of an amount."""
    if amount_fen < 0 or not 0 <= permille <= WHOLE:
        raise ValueError(f"{permille} permille of {amount_fen} fen is no share of an amount")
    return (amount_fen * permille + WHOLE // 2) // WHOLE
