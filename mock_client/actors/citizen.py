"""The insured person with a phone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from io import BytesIO

from PIL import Image

from mock_client import scanner
from mock_client.actors.base import Actor, patiently
from mock_client.actors.bills import BillReader
from mock_client.actors.patient import Patient
from mock_client.actors.telling import (
    paper_names,
    tell_advice,
    tell_filing,
    tell_me,
    tell_notice,
    tell_record,
)
from mock_client.actors.voucher import VoucherPhone
from mock_client.api.filings import FileVerificationAnswer, FilingAnswer, Form, VerificationAnswer
from mock_client.api.identity import AccessAnswer, MeAnswer, RealNameAnswer, TokenAnswer
from mock_client.api.notices import NoticeAnswer
from mock_client.api.remote_care import AdviceAnswer, RecordActionAnswer, RecordAnswer
from mock_client.camera import Photo
from mock_client.checks import must, must_be, the_one
from mock_client.control import PASSED, SmsControl, WeChatControl, newest, wait_for
from mock_client.device import Phone
from mock_client.journal import Scenario, Step
from mock_client.people import Insured
from mock_client.transport import FilePart

REMOTE_CARE = "remote_care"
CODE_MARGIN_PX = 40
PAGE_DPI = 150


@dataclass(frozen=True)
class Receipt:
    """A receipt as the person got it: the PDF, and the address that its code says."""

    pdf: bytes = field(repr=False)
    text: str = field(repr=False)
    url: str

    @property
    def code(self) -> str:
        return self.url.rsplit("/", 1)[-1]


class Citizen(Patient, VoucherPhone, BillReader):
    """Somebody insured, or who says to be."""

    role = "参保人"

    def __init__(
        self, story: Scenario, person: Insured, phone: Phone, wechat: WeChatControl, sms: SmsControl
    ) -> None:
        super().__init__(story, person.name, phone)
        self.person = person
        self.wechat = wechat
        self.sms = sms

    def sign_in(self, did: str = "打开小程序，用微信登录") -> MeAnswer:
        """With a fresh code of wx.login, unless this phone is signed in already."""
        with self.step(did) as step:
            me = self.api.get_me() if self.phone.tokens.access else self.sign_in_quietly()
            tell_me(step, me)
            return me

    def sign_in_quietly(self) -> MeAnswer:
        """With a fresh code of wx.login; no step of the story."""
        return self._keep(patiently(self._sign_in_once))

    def prove_real_name(
        self, name: str, id_no: str, *, verify_ret: int = PASSED, did: str = "填写姓名和身份证号，刷脸认证"
    ) -> RealNameAnswer:
        """Name and number, then the face before WeChat's camera, then the result."""
        with self.step(did) as step:
            started = self.api.start_real_name(name, id_no)
            self.wechat.show_face(started["verify_id"], verify_ret)
            proven = self.api.complete_real_name(started["id"])
            step.saw(f"实名认证通过：{proven['person']['name']}，{proven['person']['id_no']}")
            return proven

    def ask_advice(
        self,
        place: str,
        care_region_code: str,
        *,
        med_type: str = "21",
        hospital_level: int | None = None,
        urgent: bool | None = None,
    ) -> AdviceAnswer:
        """Ask whether to file before care in ``place``, whose code is given."""
        with self.step(f"先问一问：去{place}看病要不要备案") as step:
            advice = self.api.get_remote_care_advice(
                care_region_code, med_type=med_type, hospital_level=hospital_level, urgent=urgent
            )
            tell_advice(step, advice)
            return advice

    def hand_in(self, *photos: Photo, person_id: str | None = None) -> list[str]:
        """Photograph papers and upload them; gives their ids."""
        with self.step(f"拍照上传：{paper_names(photo.kind for photo in photos)}") as step:
            ids = []
            for photo in photos:
                paper = self.api.upload_material(photo.part, photo.kind, person_id=person_id)
                ids.append(paper["id"])
                step.saw(f"已上传 {paper['width']}×{paper['height']}，{paper['size'] // 1024} KB")
            return ids

    def file(
        self,
        form: Form,
        *,
        papers: Sequence[str] = (),
        subject_id: str | None = None,
        did: str = "提交备案申请",
    ) -> FilingAnswer:
        """Submit at once."""
        with self.step(did) as step:
            filing = self.start(form, papers=papers, subject_id=subject_id)
            tell_filing(step, filing)
            return filing

    def start(
        self,
        form: Form,
        *,
        papers: Sequence[str] = (),
        subject_id: str | None = None,
        submit: bool = True,
        key: str | None = None,
    ) -> FilingAnswer:
        """The bare call, for attempts that are to be refused."""
        return self.api.start_filing(
            REMOTE_CARE, form, material_ids=papers, subject_id=subject_id, submit=submit, key=key
        )

    def correct(self, filing: FilingAnswer, papers: Sequence[str], form: Form | None = None) -> FilingAnswer:
        """Send the case back with what was asked for."""
        with self.step("一次补齐，重新提交") as step:
            done = self.api.act_on_filing(
                filing["id"], "resubmit", filing["version"], form=form, material_ids=papers
            )
            tell_filing(step, done)
            return done

    def withdraw(self, filing: FilingAnswer, reason: str | None = None) -> FilingAnswer:
        """Take the case back."""
        with self.step("撤回申请") as step:
            done = self.api.act_on_filing(filing["id"], "withdraw", filing["version"], reason=reason)
            tell_filing(step, done)
            return done

    def rate(self, filing: FilingAnswer, stars: int) -> None:
        """好差评, after the case is finished."""
        with self.step(f"评价这次办事：{stars} 星") as step:
            rating = self.api.rate_filing(filing["id"], stars)
            step.saw("会有人回访" if rating["follow_up"] else "谢谢您的评价")

    def read_records(self, person_id: str | None = None) -> list[RecordAnswer]:
        """My records, or a ward's, newest first."""
        with self.step("查看我的备案记录") as step:
            records = self.api.list_remote_care_records(person_id=person_id)["items"]
            for record in records:
                tell_record(step, record)
            if not records:
                step.saw("还没有备案记录")
            return records

    def record_of(self, filing: FilingAnswer) -> RecordAnswer:
        """Look through my records for the one that a case gave."""
        records = self.read_records()
        return the_one("这件办件给的备案", records, lambda record: record["filing_id"] == filing["id"])

    def cancel_record(self, record: RecordAnswer) -> RecordActionAnswer:
        """End a record from today on."""
        with self.step("取消备案") as step:
            done = self.api.act_on_remote_care_record(record["id"], "cancel", reason="不去外地了")
            tell_record(step, done["record"])
            return done

    def change_record(
        self, record: RecordAnswer, form: Form, papers: Sequence[str] = ()
    ) -> RecordActionAnswer:
        """Change where care will happen."""
        with self.step("变更就医地") as step:
            done = self.api.act_on_remote_care_record(record["id"], "change", form=form, material_ids=papers)
            tell_filing(step, done["filing"])
            return done

    def download_receipt(self, filing: FilingAnswer, did: str = "下载 PDF 回执") -> Receipt:
        """The PDF, its pages as pictures, and the picture of its code, all kept as files."""
        with self.step(did) as step:
            pdf = self.api.get_filing_pdf(filing["id"]).content
            return _read_receipt(step, pdf, filing["number"])

    def read_notice(self, kind: str, filing: FilingAnswer | None, *, seconds: float = 30.0) -> NoticeAnswer:
        """Wait until a notice of that kind about the case, or about none, was sent, or could not be, and read it."""
        filing_id = filing["id"] if filing is not None else None
        with self.step("查看消息通知") as step:

            def look() -> NoticeAnswer | None:
                for notice in self.api.list_notices(limit=50)["items"]:
                    if notice["kind"] == kind and notice["filing_id"] == filing_id:
                        return None if notice["status"] == "queued" else notice
                return None

            notice = wait_for(look, f"通知 {kind}", seconds=seconds)
            tell_notice(step, notice)
            must(self.api.read_notice(notice["id"])["read_at"], "读过的通知应当记下已读")
            return notice

    def see_wechat_message(self, filing: FilingAnswer, *words: str) -> str:
        """The subscribe message about the case in WeChat."""
        with self.step("微信收到服务通知") as step:
            found = wait_for(
                lambda: newest(self.wechat.messages(self.person.openid), filing["number"]), "微信消息"
            )
            text = str(found["text"])
            step.saw(text.replace("\n", "；"))
            for word in words:
                must(word in text, f"微信消息里应当说到“{word}”")
            return text

    def see_sms(self, filing: FilingAnswer) -> str:
        """The text message about the case."""
        with self.step("手机收到短信") as step:
            found = wait_for(lambda: newest(self.sms.received(self.person.phone), filing["number"]), "短信")
            step.saw(str(found["text"]))
            return str(found["text"])

    def read_accesses(self) -> list[AccessAnswer]:
        """Who saw or did what with my records."""
        with self.step("查看谁看过我的信息") as step:
            accesses = self.api.list_my_accesses(limit=20)["items"]
            for access in accesses[:8]:
                step.saw(access["text"])
            if not accesses:
                step.saw("还没有别人看过")
            return accesses

    def _sign_in_once(self) -> TokenAnswer:
        return self.api.sign_in_with_wechat(self.wechat.js_code(self.person.openid))


class Passerby(Actor):
    """Anybody who is shown a receipt, such as the desk of a hospital elsewhere. Signs in nowhere."""

    role = "外地医院窗口"

    def check_receipt(self, receipt: Receipt) -> VerificationAnswer:
        """Scan the code on the receipt and ask whether it is genuine."""
        with self.step("扫描回执上的二维码，核对真伪") as step:
            base = self.phone.transport.base_url
            if not receipt.url.startswith(base + "/"):
                step.saw(f"二维码里的网址不在 {base}：部署时请设置 ZHANGBAN_PUBLIC_URL")
            found = self.api.verify_paper(receipt.code)
            step.saw(f"{found['title']}（{found['office']}）：{found['current_status_text']}")
            step.saw(found["detail"])
            must(found["genuine"], "刚出具的回执应当验证为真")
            # A form prints its sections, a receipt its lines.
            for section in found["sections"]:
                must(section["heading"] in receipt.text, f"材料上没有印“{section['heading']}”")
            printed = [line for section in found["sections"] for line in section["lines"]] or found["lines"]
            for line in printed:
                must(line["label"] in receipt.text, f"回执上没有印“{line['label']}”")
            for signed in found["signatures"]:
                step.saw(f"{signed['about']}：{signed['signer']} 的电子签名（{signed['algorithm']}）")
                must(signed["valid"], "专家的电子签名应当有效")
            return found

    def check_file(
        self, receipt: Receipt, pdf: bytes, did: str = "把收到的 PDF 文件上传核对"
    ) -> FileVerificationAnswer:
        """Ask whether a PDF is, byte for byte, what was issued under the receipt's code."""
        with self.step(did) as step:
            part = FilePart("form.pdf", pdf, "application/pdf")
            found = self.api.verify_file(receipt.code, part)
            step.saw(found["detail"])
            return found


def _read_receipt(step: Step, pdf: bytes, number: str) -> Receipt:
    step.attach(f"{number}.pdf", pdf)
    pages = scanner.render_pdf(pdf, PAGE_DPI)
    for count, one in enumerate(pages, 1):
        step.attach(f"{number}.png" if count == 1 else f"{number}-page{count}.png", _png(one))
    # A long form runs over several pages; its code is on one of them.
    [(page, code)] = [(one, found) for one in pages for found in scanner.scan(one)]
    xs, ys = zip(*code.corners, strict=True)
    box = (
        min(xs) - CODE_MARGIN_PX,
        min(ys) - CODE_MARGIN_PX,
        max(xs) + CODE_MARGIN_PX,
        max(ys) + CODE_MARGIN_PX,
    )
    picture = _png(page.crop(box))
    step.attach(f"{number}-code.png", picture)
    must_be("二维码图片的内容", scanner.scan_one(picture), code.text)
    text = scanner.pdf_text(pdf)
    must(number in text, "回执上应当印着办件编号")
    step.saw("回执已保存，上面的二维码谁都可以扫来核对")
    return Receipt(pdf, text, code.text)


def _png(picture: Image.Image) -> bytes:
    buffer = BytesIO()
    picture.save(buffer, "PNG", optimize=True)
    return buffer.getvalue()
