"""Who sits at the till of a pharmacy, a clinic or a hospital, with a scanner and the institution's own system."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from mock_client import scanner
from mock_client.actors.base import Actor
from mock_client.actors.telling import tell_bill
from mock_client.actors.voucher import Shown
from mock_client.api.terminal import BaseInfoAnswer, InsuranceAnswer
from mock_client.bills import Bill, Item, fen, in_yuan
from mock_client.checks import NotAsItMustBe, must, must_be
from mock_client.his import Declined, His, Proof, Reversed, amounts_fen
from mock_client.journal import Scenario
from mock_client.network import Fate
from mock_client.people import Insured

PURCHASE, SETTLEMENT, REGISTRATION, BOOKING = "02121", "01301", "01101", "01202"
"""What is scanned for: businessType of the national platform."""

ID_CARD, SOCIAL_CARD, VOUCHER = "02", "03", "01"
SILENCE = (Fate.LOST_AFTER,) * 3
"""As many lost answers as a till has tries."""


@dataclass(frozen=True)
class Client:
    """Somebody at the counter: how identified, and what the screen shows of it."""

    proof: Proof = field(repr=False)
    base: BaseInfoAnswer = field(repr=False)
    insurances: Sequence[InsuranceAnswer]

    @property
    def balance_fen(self) -> int:
        """The personal account of the insurance that settles, which comes first; 0 without one."""
        return fen(self.insurances[0]["balc"])


@dataclass(frozen=True)
class Paid:
    """What a preview or a settlement came to. Amounts in fen."""

    info: Mapping[str, Any] = field(repr=False)
    detail: Sequence[Mapping[str, Any]] = field(repr=False)

    def __getitem__(self, name: str) -> int:
        return fen(self.info[name])

    @property
    def setl_id(self) -> str:
        return str(self.info["setl_id"])

    @property
    def balance_fen(self) -> int | None:
        return None if self.info["balc"] is None else fen(self.info["balc"])

    @property
    def words(self) -> str:
        """The explanation as it is printed on the receipt."""
        return "\n".join(str(row["setl_proc_info"]) for row in self.detail)


class Cashier(Actor):
    """Each method is one step. A refusal of the centre fails its step; ``declined`` is for those that a story wants."""

    role = "收费员"

    def __init__(self, story: Scenario, his: His) -> None:
        super().__init__(story, "", his.phone)
        self.his = his
        self.institution = his.terminal.institution

    def sign_in(self) -> None:
        """The institution's system, by its own id and secret; one that is signed in already just goes on."""
        with self.step(f"{self.institution}打开收费窗口") as step:
            words = "用机构自己的密钥登录" if self.his.sign_in() else "已登录"
            step.saw(f"{words}（{self.his.habits.maker}）")

    # Who is there

    def scan(self, shown: Shown, business: str = SETTLEMENT, did: str = "用扫码枪扫医保码") -> Client:
        """Read the code off the screen and ask whose it is."""
        with self.step(did) as step:
            found = self.decode(shown, business)
            proof = {"mdtrt_cert_type": VOUCHER, "mdtrt_cert_no": found["ec_token"]}
            client = Client(proof, found["baseinfo"], found["insuinfo"])
            self._tell(step, client)
            return client

    def decode(self, shown: Shown, business: str) -> Mapping[str, Any]:
        """The bare call, for attempts that are to be refused."""
        digits = scanner.scan_one(shown.picture, shown.symbology)
        return self.api.decode_voucher_code(digits, business)

    def read_card(self, person: Insured, kind: str = ID_CARD, did: str | None = None) -> Client:
        """Lay an ID card or a social card on the reader, or type in a newborn's birth certificate; then 1101."""
        proof = card(person, kind)
        with self.step(did or ("读身份证" if kind == ID_CARD else "刷社会保障卡")) as step:
            found = self.his.ask("1101", proof)
            client = Client(proof, found["baseinfo"], found["insuinfo"])
            self._tell(step, client)
            return client

    @staticmethod
    def _tell(step: Any, client: Client) -> None:
        step.saw(f"{client.base['psn_name']}，{client.base['age']} 岁")
        must(
            "*" in client.base["psn_name"] and "*" in client.base["certno"],
            "收费员看到的姓名和证件号应当遮住一部分",
        )
        for one in client.insurances:
            step.saw(
                f"险种 {one['insutype']}，参保地 {one['insuplc_admdvs']}，个人账户 {in_yuan(fen(one['balc']))} 元"
            )

    # What it comes to

    def bill(self, med_type: str, *items: Item, **more: Any) -> Bill:
        """A new bill under numbers of this institution."""
        visit, number = self.his.new_numbers()
        return Bill(visit, number, med_type, items, **more)

    def preview(self, bill: Bill, client: Client, did: str | None = None) -> Paid:
        """What it would come to now; nothing is paid."""
        with self.step(did or f"预结算：{_goods(bill)}") as step:
            paid = _paid(self.his.ask("2206", self.his.fields_of(bill, client.proof)), bill)
            tell_bill(step, paid.info, paid.detail)
            must(paid.info["setl_id"] is None, "预结算不应有结算编号")
            return paid

    def settle(
        self, bill: Bill, client: Client, did: str | None = None, *, shown: Paid | None = None
    ) -> Paid:
        """Settle and print the receipt. ``shown``: what a preview said, and it has to come to the same."""
        with self.step(did or f"结算：{_goods(bill)}") as step:
            paid = _paid(self.his.settle(self.his.settling(bill, client.proof)), bill)
            must(paid.info["setl_id"], "结算以后应当有结算编号")
            must(paid.detail, "每次结算都应当说明是怎么算的")
            if shown is None:
                tell_bill(step, paid.info, paid.detail)
                return paid
            tell_bill(step, paid.info)
            must_be("结算与预结算的金额", amounts_fen(paid.info), amounts_fen(shown.info))
            must_be("结算与预结算的说明", paid.words, shown.words)
            return paid

    def try_settling(self, bill: Bill, client: Client) -> Mapping[str, Any]:
        """The bare call, for attempts that are to be declined."""
        return self.his.settle(self.his.settling(bill, client.proof))

    def preview_and_settle(self, bill: Bill, client: Client) -> Paid:
        """First shown to the patient, then paid: to the fen what was shown."""
        return self.settle(bill, client, shown=self.preview(bill, client))

    def undo(self, paid: Paid, did: str = "退货，撤销这笔结算") -> Mapping[str, Any]:
        """2208."""
        with self.step(did) as step:
            undone: Mapping[str, Any] = self.his.undo(paid.info)["setlinfo"]
            must_be("撤销的结算", undone["setl_id"], paid.info["setl_id"])
            must_be("撤销标志", (undone["refd_setl_flag"], undone["refd_way"]), ("1", "2208"))
            back = ("fund_pay_sumamt", "acct_pay", "psn_cash_pay")
            fund, account, cash = (in_yuan(paid[name]) for name in back)
            step.saw(f"已撤销：退回基金 {fund} 元、账户 {account} 元，退现金 {cash} 元")
            return undone

    def settle_in_silence(self, bill: Bill, client: Client, did: str) -> Mapping[str, Any] | None:
        """Settle while no answer comes through: the system reverses. What the centre had paid and undid, or None."""
        with self.step(did) as step:
            self.phone.network.foresee(*SILENCE)
            try:
                self.his.settle(self.his.settling(bill, client.proof))
            except Reversed as reversed_:
                step.saw(f"同一份报文发了 {len(SILENCE)} 次都没有回答，系统自动冲正（2601）")
                step.saw(
                    "中心回答：已支付的这笔已冲正"
                    if reversed_.undone
                    else "中心回答：这笔没有支付过，以后也不会支付"
                )
                return reversed_.undone
            raise NotAsItMustBe("没有回答时应当冲正")

    def reconcile(self, did: str = "下班对账", part: tuple[str, str] | None = None) -> Mapping[str, Any]:
        """3201 with all bills of today, or of a part of it: equal or not, and which differ."""
        with self.step(did) as step:
            output = self.his.reconcile(part)
            info = output["stmtinfo"]
            ours = len(self.his.booked(part))
            step.saw(f"{info['stmt_rslt_dscr']}：中心 {info['fixmedins_setl_cnt']} 笔，本机构 {ours} 笔")
            for one in output["differences"][:5]:
                step.saw(f"· {one['chrg_bchno'] or one['setl_id']}：{one['dscr']}")
            return output

    def declined(self, did: str, infcode: int, attempt: Callable[[], object]) -> Declined:
        """A step in which the centre has to refuse with that infcode."""
        with self.step(did) as step:
            try:
                attempt()
            except Declined as declined:
                step.saw(f"{declined.words} [infcode {declined.infcode}]")
                must_be("infcode", declined.infcode, infcode)
                must(declined.words, "拒绝时应当说明该怎么办")
                return declined
            raise NotAsItMustBe(f"应当以 infcode {infcode} 拒绝，却办成了")


def card(person: Insured, kind: str = ID_CARD) -> dict[str, str]:
    """What a reader finds on somebody's card."""
    proof = {"mdtrt_cert_type": kind, "mdtrt_cert_no": person.id_no, "psn_name": person.name}
    return {**proof, "card_sn": f"SAMPLE{person.person_id[-8:]}"} if kind == SOCIAL_CARD else proof


def _paid(output: Mapping[str, Any], bill: Bill) -> Paid:
    """Whatever comes back adds up to the fen."""
    paid = Paid(output["setlinfo"], output["setldetail"])
    must_be("费用总额", paid["medfee_sumamt"], bill.total_fen)
    parts = ("fund_pay_sumamt", "acct_pay", "acct_mulaid_pay", "psn_cash_pay")
    must_be("基金、账户、共济、现金之和", sum(paid[name] for name in parts), bill.total_fen)
    must_be("个人负担", paid["psn_part_amt"], bill.total_fen - paid["fund_pay_sumamt"])
    must(all(paid[name] >= 0 for name in parts), "每一部分都不应小于零")
    return paid


def _goods(bill: Bill) -> str:
    names = "、".join(item.name for item in bill.items[:3]) + ("等" if len(bill.items) > 3 else "")
    return f"{names}，共 {in_yuan(bill.total_fen)} 元"
