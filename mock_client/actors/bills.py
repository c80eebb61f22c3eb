"""What the insured do with their bills: read them with the explanation, look at the year, keep the statement."""

import csv
from io import BytesIO, StringIO

from mock_client import scanner
from mock_client.actors.base import Actor
from mock_client.actors.telling import tell_notice
from mock_client.api.notices import NoticeAnswer
from mock_client.api.settlements import BillAnswer, BillYearAnswer
from mock_client.checks import must, must_be
from mock_client.control import wait_for

PAGE_DPI = 110


class BillReader(Actor):
    """One's own bills; ``child``: the person id of a minor whose guardian this is."""

    def read_bill(
        self, settlement_id: str, did: str = "在手机上打开这笔账单", *, child: str | None = None
    ) -> BillAnswer:
        """Find it in the list, open it, read why it is so much."""
        with self.step(did) as step:
            listed = [one["id"] for one in self.api.list_settlements(person_id=child, limit=50)["items"]]
            must(settlement_id in listed, "账单列表里应当有这一笔")
            bill = self.api.get_settlement(settlement_id)
            accounts = bill["acct_pay_fen"] + bill["acct_mulaid_pay_fen"]
            paid = bill["fund_pay_fen"] + accounts + bill["psn_cash_pay_fen"]
            must_be("各方支付之和（分）", paid, bill["medfee_fen"])
            must(bill["genuine"], "账单的记录应当没有被改动过")
            must(bill["steps"], "账单应当说明是怎么算的")
            step.saw(f"{bill['state_text']}：{bill['text']}")
            for one in bill["steps"]:
                source = f"（依据：{one['source']['ref']}）" if one["source"] else ""
                step.saw(f"· {one['text']}{source}")
            return bill

    def read_year(self, did: str = "看今年一共报销了多少") -> BillYearAnswer:
        """The year's sums, and how far the deductible and the limits are used."""
        with self.step(did) as step:
            year = self.api.get_settlements_summary()
            step.saw(year["text"])
            for benefit in year["benefits"]:
                step.saw(f"· {benefit['text']}")
            return year

    def download_statement(self, bills: int) -> None:
        """The year's statement as PDF, its first page as a picture, and as CSV with so many bills."""
        with self.step("下载今年的结算清单（PDF 和表格）") as step:
            pdf = self.api.get_settlements_statement().content
            step.attach("statement.pdf", pdf)
            buffer = BytesIO()
            scanner.render_pdf(pdf, PAGE_DPI)[0].save(buffer, "PNG", optimize=True)
            step.attach("statement.png", buffer.getvalue())
            table = self.api.get_settlements_statement(format="csv").content
            step.attach("statement.csv", table)
            rows = list(csv.reader(StringIO(table.decode("utf-8-sig"))))
            must(len(rows) > bills, f"表格里应当有 {bills} 笔")
            step.saw(f"清单已保存，表格 {len(rows)} 行")

    def read_bill_notice(self, kind: str, settlement_id: str, *, seconds: float = 30.0) -> NoticeAnswer:
        """Wait until a notice about a bill was sent, or could not be, and read it."""
        with self.step("查看消息通知") as step:

            def look() -> NoticeAnswer | None:
                for notice in self.api.list_notices(limit=50)["items"]:
                    if (notice["kind"], notice["settlement_id"]) == (kind, settlement_id):
                        return None if notice["status"] == "queued" else notice
                return None

            notice = wait_for(look, f"通知 {kind}", seconds=seconds)
            tell_notice(step, notice)
            return notice
