"""The voucher keys of this process."""

from app.kit.sealing import keyring
from app.vouchers.codes import Keys


def voucher_keys() -> Keys:
    """The versions that count now, and the one that makes codes (app.kit.rotation)."""
    held = keyring()
    rotation = held.voucher_keys.current()
    return Keys(rotation.keys, held.suite, rotation.makes)
