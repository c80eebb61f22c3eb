"""The voucher keys of this process."""

from app.kit.sealing import keyring
from app.vouchers.codes import Keys


def voucher_keys() -> Keys:
    """All versions that were there when the process started."""
    held = keyring()
    return Keys(held.voucher_keys, held.suite)
