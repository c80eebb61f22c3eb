"""Somebody with the voucher (医保码) on the phone: activates it, shows its code with or without signal, revokes it."""

from dataclasses import dataclass, field
from datetime import datetime

from mock_client import scanner
from mock_client.actors.base import Actor
from mock_client.answers import Refused
from mock_client.api.vouchers import ActivationAnswer, VoucherAnswer
from mock_client.checks import must, must_be
from mock_client.control import PASSED, WeChatControl
from mock_client.device import Phone
from mock_client.journal import Step
from mock_client.people import Insured
from mock_client.scanner import Symbology
from mock_client.voucher_code import DIGITS, screen

FACE_REQUIRED = "voucher_face_required"
Child = str | None
"""The person id of a minor whose voucher a guardian shows; None: one's own."""


@dataclass(frozen=True)
class Shown:
    """A code on a screen, as a scanner sees it."""

    picture: bytes = field(repr=False)
    digits: str = field(repr=False)
    symbology: Symbology = Symbology.QR


class VoucherPhone(Actor):
    """Whose phone shows vouchers. ``phone``: another phone of the same person than the usual one."""

    person: Insured
    wechat: WeChatControl

    def activate_voucher(
        self, did: str = "点“启用医保码”", *, child: Child = None, phone: Phone | None = None
    ) -> ActivationAnswer:
        """Once on each phone, with the face where the server asks for it; the keys for the days without signal come with it."""
        where = phone or self.phone
        with self.step(did) as step:
            try:
                done = self.api.activate_voucher(where.device_no, device_name="样本手机", person_id=child)
            except Refused as refusal:
                if refusal.code != FACE_REQUIRED:
                    raise
                step.saw(refusal.detail)
                check_id = self._show_face(step)
                done = self.api.activate_voucher(
                    where.device_no, device_name="样本手机", person_id=child, real_name_id=check_id
                )
            where.keep_voucher(done["offline"], child)
            voucher = done["voucher"]
            must(voucher["active"], "启用以后医保码应当有效")
            must(done["device"]["mine"], "启用的应当是这个账号的手机")
            step.saw(
                f"已启用，共 {len(voucher['devices'])} 台手机可以出示；没有信号也能出示 {len(done['offline']['keys'])} 天"
            )
            return done

    def _show_face(self, step: Step) -> str:
        """Before WeChat's camera, once more: the id of the check."""
        started = self.api.start_real_name(self.person.name, self.person.id_no)
        self.wechat.show_face(started["verify_id"], PASSED)
        self.api.complete_real_name(started["id"])
        step.saw("本人刷脸，通过")
        return started["id"]

    def show_code(
        self,
        did: str = "打开医保码，给收费员扫",
        *,
        child: Child = None,
        phone: Phone | None = None,
        symbology: Symbology = Symbology.QR,
    ) -> Shown:
        """The code of this minute, as a picture of the server's."""
        where = phone or self.phone
        with self.step(did) as step:
            code = self.api.show_voucher_code(where.device_no, person_id=child)
            must_be("医保码的位数", len(code["code"]), DIGITS)
            must(0 < code["refresh_after"] <= 90, "医保码应当一分钟左右换一次")
            picture = self.api.get_voucher_code_image(code["id"], symbology=symbology.value).content
            # The very picture that the counter scans says what the screen says.
            must_be("图上的码", scanner.scan_one(picture, symbology), code["code"])
            step.attach(f"voucher-{symbology.value}.png", picture)
            step.saw(
                f"{'二维码' if symbology is Symbology.QR else '条形码'} {code['code']}，{code['refresh_after']} 秒后换新码"
            )
            return Shown(picture, code["code"], symbology)

    def show_code_offline(
        self,
        did: str,
        *,
        child: Child = None,
        phone: Phone | None = None,
        moment: datetime | None = None,
    ) -> Shown:
        """The code that the phone makes by itself: of this moment, or as it was or will be at another one."""
        where = phone or self.phone
        with self.step(did) as step:
            before = where.network.traffic.attempts
            digits = where.offline_code(child, moment=moment)
            must_be("出示医保码时发出的请求", where.network.traffic.attempts, before)
            picture = screen(digits)
            step.attach("voucher-offline.png", picture)
            step.saw(f"手机自己算出的二维码 {digits}，没有用网络")
            return Shown(picture, digits)

    def read_voucher(self, did: str = "查看医保码和能出示它的手机") -> VoucherAnswer:
        """Whether it is active, and on which phones."""
        with self.step(did) as step:
            voucher = self.api.get_voucher()
            step.saw(
                f"{'已启用' if voucher['active'] else '未启用'}，{len(voucher['devices'])} 台手机可以出示"
            )
            return voucher

    def revoke_voucher(self, did: str = "停用医保码") -> None:
        """On all phones at once."""
        with self.step(did) as step:
            self.api.revoke_voucher()
            step.saw("已停用，所有手机都不能再出示")

    def remove_phone(self, device_id: str, did: str) -> None:
        """One phone shows it no more."""
        with self.step(did) as step:
            self.api.remove_voucher_device(device_id)
            step.saw("那台手机已不能出示")
