"""A year's bills as a paper to read and keep (PDF), and as a table (CSV). It proves nothing: it bears no seal."""

import csv
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final
from uuid import UUID

from sqlalchemy.orm import Session

from app.benefits.names import HOTLINE
from app.identity import service as identity
from app.kit import clock
from app.kit.masking import mask_id_no, mask_name
from app.kit.money import spoken_yuan, yuan
from app.kit.pdf import Paper
from app.kit.pdf_grid import Column
from app.kit.text import Text
from app.places import service as places
from app.settlement import person_bills, person_words, summary
from app.settlement.fields import platform_time
from app.settlement.models import Settlement, SettlementState
from app.settlement.person_bills import Totals
from app.settlement.person_views import names_of_places, place_of
from app.settlement.summary import Year

MOST_BILLS: Final = 1_000
"""Of a year; three a day. The sums are of all of them."""
DEMO_WORDS: Final = "（演示数据，不作为凭证）"
_HEAD: Final = (
    Text("日期", "Day"),
    Text("结算时间", "Settled at"),
    Text("机构", "Institution"),
    Text("类别", "Care"),
    Text("参保险种", "Insurance"),
    Text("参保地", "Insured in"),
    Text("单据号", "Bill number"),
    Text("状态", "State"),
    Text("总费用（元）", "Total (yuan)"),
    Text("医保付（元）", "Insurance (yuan)"),
    Text("个人账户付（元）", "Personal account (yuan)"),
    Text("家人账户付（元）", "Family accounts (yuan)"),
    Text("现金付（元）", "Cash (yuan)"),
)
_FORMULA: Final = re.compile(r"[=+\-@\t\r]")
_LONG_NUMBER: Final = re.compile(r"\d{12,}", re.ASCII)
_BOM: Final = "\ufeff"
"""Without it Excel takes the file for GBK, and Chinese turns to rubbish."""
_COLUMNS: Final = (
    Column("日期", 12),
    Column("在哪里", 27),
    Column("类别", 15),
    Column("总费用", 15, right=True),
    Column("医保付", 15, right=True),
    Column("账户付", 14, right=True),
    Column("现金付", 15, right=True),
)
_HOW_TO_READ: Final = (
    "医保付：医保出的钱，不用您出。",
    "账户付：从医保个人账户里扣的钱，您自己的和家人给您用的都算。",
    "现金付：您自己掏的钱。这三样加起来就是总费用。",
    "起付线：一年里要自己先付的钱，付满以后医保才开始报。",
    "想知道某一笔为什么报这么多，请打开“掌上办”点开那笔账，里面一步一步写着。",
    f"哪一笔不是您用的，或者对数目有疑问，请拨打 {HOTLINE}。",
)


@dataclass(frozen=True, slots=True)
class Statement:
    """All that is told of a year. ``bills``: at most MOST_BILLS, by day; name and number are masked."""

    year: Year
    bills: Sequence[Settlement]
    places: Mapping[UUID, str]
    name: str
    id_no: str
    insured_in: str
    made_at: datetime


def gather(session: Session, person_id: UUID, year: int) -> Statement:
    """Read everything, so that drawing holds no connection. Six statements, of a session that sees one moment."""
    person = identity.get_person(session, person_id)
    bills = person_bills.of_year(session, person_id, year, at_most=MOST_BILLS)
    covers = identity.coverages_of(session, person_id)
    region = bills[-1].insu_admdvs if bills else covers[-1].region_code if covers else ""
    return Statement(
        year=summary.year_of(session, person_id, year),
        bills=bills,
        places=names_of_places(session, bills),
        name=mask_name(person.name or ""),
        id_no=mask_id_no(person.id_no or ""),
        insured_in=places.full_name(region) if region else "",
        made_at=clock.now(),
    )


def as_csv(found: Statement, language: str) -> str:
    """One line a bill, those that were taken back too, in the language of the reader."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow([title.in_language(language) for title in _HEAD])
    for bill in found.bills:
        texts = (
            place_of(bill, found.places, language),
            person_words.care(bill.med_type).in_language(language),
            person_words.insurance(bill.insutype.value).in_language(language),
            places.full_name(bill.insu_admdvs),
            bill.chrg_bchno,
            person_words.STATES[bill.state].in_language(language),
        )
        writer.writerow(
            [
                bill.day.isoformat(),
                platform_time(bill.settled_at),
                *map(_plain, texts),
                yuan(bill.medfee_fen),
                yuan(bill.fund_pay_fen),
                yuan(bill.acct_pay_fen),
                yuan(bill.acct_mulaid_pay_fen),
                yuan(bill.psn_cash_pay_fen),
            ]
        )
    return _BOM + file.getvalue()


def _plain(text: str) -> str:
    """As a spreadsheet shows it unchanged: what it would calculate gets an apostrophe, long digits a tab in front."""
    if _FORMULA.match(text):
        return f"'{text}"
    return f"\t{text}" if _LONG_NUMBER.fullmatch(text) else text


def as_pdf(found: Statement, *, demo: bool) -> bytes:
    """The paper, in Chinese. demo: says that it is worth nothing."""
    year = found.year
    paper = Paper(
        f"{year.year}年看病买药费用清单",
        issuer=f"{found.insured_in}医疗保障经办中心",
        created=found.made_at,
        subtitle=DEMO_WORDS if demo else "",
    )
    paper.table(
        [
            ("姓名", found.name),
            ("证件号码", found.id_no),
            ("时间", f"{year.year}年1月1日到{year.until.month}月{year.until.day}日"),
            ("账单", f"{year.totals.count}笔"),
        ],
        columns=2,
    )
    _put_totals(paper, year)
    if year.benefits:
        paper.heading("今年医保报了多少，还能报多少" if _is_running(year) else f"{year.year}年医保报了多少")
        paper.items([one.words.zh for one in year.benefits])
    standing = [one for one in found.bills if one.state is SettlementState.SETTLED]
    taken_back = [one for one in found.bills if one.state is not SettlementState.SETTLED]
    if standing:
        paper.heading("每一笔账（元）")
        whole = [] if len(found.bills) >= MOST_BILLS else [_sum_row(year.totals)]
        paper.grid(_COLUMNS, [*(_row(one, found) for one in standing), *whole])
    if taken_back:
        paper.heading("撤销了的账（元），没有算在上面的合计里")
        paper.grid(_COLUMNS, [_row(one, found) for one in taken_back])
    if len(found.bills) >= MOST_BILLS:
        paper.paragraph(f"账单太多，这里只列出最近的{MOST_BILLS}笔；合计是全部账单的。")
    paper.heading("怎么看这张单子")
    paper.items(_HOW_TO_READ)
    paper.paragraph("本清单由系统按结算记录生成，供您自己查对，没有盖章，不能代替发票和结算单。")
    return paper.to_bytes()


def _put_totals(paper: Paper, year: Year) -> None:
    totals = year.totals
    paper.heading("合计")
    rows = [
        ("总费用", totals.medfee_fen),
        ("医保付", totals.fund_pay_fen),
        ("个人账户付", totals.acct_pay_fen),
        ("家人的账户付", totals.acct_mulaid_pay_fen),
        ("现金付", totals.psn_cash_pay_fen),
    ]
    always = {"总费用", "医保付", "现金付"}
    paper.table(
        [(label, f"{spoken_yuan(fen)}元") for label, fen in rows if fen or label in always], columns=2
    )
    paper.paragraph(year.words.zh)


def _is_running(year: Year) -> bool:
    return clock.today().year == year.year


def _sum_row(totals: Totals) -> list[str]:
    accounts = totals.acct_pay_fen + totals.acct_mulaid_pay_fen
    sums = (totals.medfee_fen, totals.fund_pay_fen, accounts, totals.psn_cash_pay_fen)
    return ["合计", f"{totals.count}笔", "", *map(yuan, sums)]


def _row(bill: Settlement, found: Statement) -> list[str]:
    return [
        f"{bill.day.month}月{bill.day.day}日",
        place_of(bill, found.places, "zh-CN"),
        person_words.care(bill.med_type).zh,
        yuan(bill.medfee_fen),
        yuan(bill.fund_pay_fen),
        yuan(bill.acct_pay_fen + bill.acct_mulaid_pay_fen),
        yuan(bill.psn_cash_pay_fen),
    ]
