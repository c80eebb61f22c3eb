"""The voucher (医保码): activated on a phone, shown as a code, revoked."""

from typing import TypedDict

from mock_client.answers import Answer
from mock_client.api.base import Calls, given


class DeviceAnswer(TypedDict):
    id: str
    name: str | None
    mine: bool
    created_at: str


class VoucherAnswer(TypedDict):
    person_id: str
    active: bool
    activated_at: str | None
    devices: list[DeviceAnswer]


class DayKeyAnswer(TypedDict):
    day: str
    key: str


class OfflineKeysAnswer(TypedDict):
    algorithm: str
    step_seconds: int
    key_version: str
    handle: str
    slot: int
    keys: list[DayKeyAnswer]
    server_time: str


class ActivationAnswer(TypedDict):
    voucher: VoucherAnswer
    device: DeviceAnswer
    offline: OfflineKeysAnswer


class VoucherCodeAnswer(TypedDict):
    id: str
    code: str
    expires_at: str
    refresh_after: int


class VouchersApi(Calls):
    """One's own voucher, or with ``person_id`` that of a minor whose guardian one is."""

    def activate_voucher(
        self,
        device_no: str,
        *,
        device_name: str | None = None,
        person_id: str | None = None,
        real_name_id: str | None = None,
    ) -> ActivationAnswer:
        """201, or 200 if this phone shows it already: sent again it changes nothing. ``real_name_id``: of the check that was
        completed on this phone just now, for every phone but the first."""
        body = given(
            device_no=device_no, device_name=device_name, person_id=person_id, real_name_id=real_name_id
        )
        answer: ActivationAnswer = self._send(
            "POST", "/voucher/activation", json=body, expect={200, 201}
        ).json
        return answer

    def get_voucher(self, *, person_id: str | None = None) -> VoucherAnswer:
        answer: VoucherAnswer = self._get("/voucher", {"person_id": person_id})
        return answer

    def revoke_voucher(self, *, person_id: str | None = None) -> None:
        self._send("DELETE", "/voucher", params={"person_id": person_id}, expect=204)

    def remove_voucher_device(self, device_id: str) -> None:
        self._send("DELETE", f"/voucher/devices/{device_id}", expect=204)

    def get_voucher_keys(self, device_no: str, *, person_id: str | None = None) -> OfflineKeysAnswer:
        answer: OfflineKeysAnswer = self._post(
            "/voucher/keys", given(device_no=device_no, person_id=person_id)
        )
        return answer

    def show_voucher_code(self, device_no: str, *, person_id: str | None = None) -> VoucherCodeAnswer:
        answer: VoucherCodeAnswer = self._post(
            "/voucher/codes", given(device_no=device_no, person_id=person_id)
        )
        return answer

    def get_voucher_code_image(
        self,
        code_id: str,
        *,
        format: str | None = None,  # noqa: A002 - the query's own name
        symbology: str | None = None,
    ) -> Answer:
        """The picture: png (if not said otherwise) or svg, qr or code128."""
        params = {"format": format, "symbology": symbology}
        return self._send("GET", f"/voucher/codes/{code_id}/image", params=params)
