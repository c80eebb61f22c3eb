"""Vouchers as their answers have them."""

from typing import Any
from uuid import UUID

from app.vouchers.activation import Activated, Held
from app.vouchers.models import VoucherDevice
from app.vouchers.showing import offline_keys


def present(held: Held, account_id: UUID) -> dict[str, Any]:
    """A person's voucher for the account that asks."""
    return {
        "person_id": held.person_id,
        "active": held.voucher is not None,
        "activated_at": held.voucher.activated_at if held.voucher is not None else None,
        "devices": [present_device(device, account_id) for device in held.devices],
    }


def present_device(device: VoucherDevice, account_id: UUID) -> dict[str, Any]:
    """A phone that shows it."""
    return {
        "id": device.id,
        "name": device.name,
        "mine": device.account_id == account_id,
        "created_at": device.created_at,
    }


def present_activation(activated: Activated, account_id: UUID) -> dict[str, Any]:
    """The voucher, this phone, and its keys for the next days."""
    voucher = activated.held.voucher
    if voucher is None:
        raise ValueError("what is activated has a voucher")
    return {
        "voucher": present(activated.held, account_id),
        "device": present_device(activated.device, account_id),
        "offline": offline_keys(voucher.handle, activated.device.slot),
    }
