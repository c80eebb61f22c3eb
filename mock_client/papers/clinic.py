"""Papers that a hospital gives: records of visits, stays, operations and treatment, reports, certificates.

Their parts follow 病历书写基本规范 (2010), a prescription's 处方管理办法 (2007).
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from mock_client.papers.people import Finding, Holder, Illness
from mock_client.papers.sheet import A4, BLACK, SEAL_RED, Sheet
from mock_client.papers.typesetting import chinese, fit

LEFT, RIGHT = 110, A4[0] - 110
WIDTH = RIGHT - LEFT


@dataclass(frozen=True, slots=True)
class Visit:
    """When somebody was at which hospital, and which doctor signs. `left_on` is the day of discharge, if
    any."""

    hospital: str
    came_at: datetime
    doctor: str
    left_on: date | None = None


def emergency_record(holder: Holder, visit: Visit, illness: Illness, rng: random.Random) -> Sheet:
    """The record of an emergency and what was done to save the patient (急诊抢救记录)."""
    page = _headed(visit.hospital, "急诊抢救记录", rng)
    came = visit.came_at
    y = _particulars(page, holder, came.date(), 250, (
        ("急诊号", f"J{came:%y%m%d}{rng.randrange(1000):03d}"),
        ("科室", "急诊医学科"),
        ("到院方式", "120急救车"),
        ("分诊级别", "Ⅰ级（濒危）"),
        ("到院时间", _minute(came)),
        ("抢救开始", _minute(came + timedelta(minutes=4))),
    ))  # fmt: skip
    done = came + timedelta(minutes=rng.randint(70, 130))
    y = _sections(page, y, (
        ("主诉", illness.complaint),
        ("现病史", illness.history),
        ("体格检查", illness.examination),
        ("辅助检查", _in_words(illness.findings)),
        ("急诊诊断", illness.diagnosis),
        ("抢救经过", illness.treatment),
        ("抢救结果", f"{_minute(done)}抢救成功，生命体征平稳，收入院继续治疗。"),
        ("告知", "病情危重，已告知家属并签署病危通知书。"),
    ))  # fmt: skip
    _close(page, y, visit, "急诊专用章", done)
    return page


def discharge_summary(holder: Holder, visit: Visit, illness: Illness, rng: random.Random) -> Sheet:
    """What a hospital sums up at the end of a stay (出院小结)."""
    left_on = visit.left_on or visit.came_at.date() + timedelta(days=7)
    came = visit.came_at.date()
    page = _headed(visit.hospital, "出 院 小 结", rng)
    y = _particulars(page, holder, left_on, 250, (
        ("住院号", f"ZY{came:%Y}{rng.randrange(10**5):05d}"),
        ("科室", illness.department),
        ("入院日期", chinese(came)),
        ("出院日期", chinese(left_on)),
        ("床号", f"{rng.randint(1, 48)}床"),
        ("住院天数", f"{max(1, (left_on - came).days)}天"),
    ))  # fmt: skip
    y = _sections(page, y, (
        ("入院诊断", illness.diagnosis),
        ("出院诊断", illness.diagnosis),
        ("入院情况", f"患者因“{illness.complaint}”入院。{illness.history}{illness.examination}"),
        ("诊疗经过", f"入院后完善相关检查：{_in_words(illness.findings)}治疗：{illness.treatment}"),
        ("出院情况", "好转。一般情况可，症状明显缓解，生命体征平稳。"),
        ("出院医嘱", illness.advice),
    ))  # fmt: skip
    _close(
        page,
        y,
        visit,
        "出院专用章",
        datetime.combine(left_on, visit.came_at.timetz()).replace(hour=10, minute=20),
    )
    return page


def outpatient_record(holder: Holder, visit: Visit, illness: Illness, rng: random.Random) -> Sheet:
    """The record of one visit to a doctor (门诊病历)."""
    page = _headed(visit.hospital, "门 诊 病 历", rng)
    y = _particulars(page, holder, visit.came_at.date(), 250, (
        ("门诊号", f"M{visit.came_at:%Y}{rng.randrange(10**6):06d}"),
        ("科室", illness.department),
        ("就诊时间", _minute(visit.came_at)),
        ("初/复诊", rng.choice(("初诊", "复诊"))),
    ))  # fmt: skip
    y = _sections(page, y, (
        ("主诉", illness.complaint),
        ("现病史", illness.history),
        ("过敏史", "否认药物、食物过敏史。"),
        ("体格检查", illness.examination),
        ("辅助检查", _in_words(illness.findings)),
        ("诊断", illness.diagnosis),
        ("处理", illness.treatment),
        ("医嘱", illness.advice),
    ))  # fmt: skip
    _close(page, y, visit, "门诊专用章", visit.came_at)
    return page


def examination_report(holder: Holder, visit: Visit, illness: Illness, rng: random.Random) -> Sheet:
    """A report of findings with their normal ranges (检验检查报告单)."""
    page = _headed(visit.hospital, "检验检查报告单", rng)
    y = _particulars(page, holder, visit.came_at.date(), 250, (
        ("样本号", f"{visit.came_at:%Y%m%d}{rng.randrange(1000):03d}"),
        ("送检科室", illness.department),
        ("采样时间", _minute(visit.came_at)),
        ("报告时间", _minute(visit.came_at + timedelta(hours=3, minutes=12))),
        ("临床诊断", illness.diagnosis),
        ("标本种类", "静脉血/影像"),
    ))  # fmt: skip
    y = _findings(page, y + 10, illness.findings)
    y += 24
    raised = "、".join(one.item for one in illness.findings if one.flag)
    y = _sections(page, y, (("提示", f"{raised}超出参考范围，请结合临床。" if raised else "未见明显异常。"),))
    page.text((LEFT, y + 10), "本报告仅对本次标本负责，如有疑问请于3日内咨询。", 24)
    _close(
        page, y + 50, visit, "检验报告专用章", visit.came_at + timedelta(hours=3, minutes=12), signs="审核者"
    )
    return page


def diagnosis_certificate(holder: Holder, visit: Visit, illness: Illness, rng: random.Random) -> Sheet:
    """A doctor's word for whoever must know the diagnosis (疾病诊断证明书)."""
    page = _headed(visit.hospital, "疾病诊断证明书", rng)
    y = _particulars(page, holder, visit.came_at.date(), 250, (
        ("证明书号", f"Z{visit.came_at:%Y}{rng.randrange(10**6):06d}"),
        ("科室", illness.department),
        ("诊断日期", chinese(visit.came_at.date())),
        ("就诊时间", _minute(visit.came_at)),
    ))  # fmt: skip
    y = _sections(page, y, (
        ("诊断", illness.diagnosis),
        ("诊断依据", f"{illness.history}{_in_words(illness.findings)}"),
        ("治疗情况", illness.treatment),
        ("处理意见", illness.advice),
    ))  # fmt: skip
    _close(page, y, visit, "诊断证明专用章", visit.came_at)
    return page


def pathology_report(holder: Holder, visit: Visit, illness: Illness, rng: random.Random) -> Sheet:
    """What the pathologist saw in a specimen (病理诊断报告)."""
    page = _headed(visit.hospital, "病理诊断报告", rng)
    reported = visit.came_at + timedelta(days=3, hours=5)
    y = _particulars(page, holder, visit.came_at.date(), 250, (
        ("病理号", f"B{visit.came_at:%Y}-{rng.randrange(10**5):05d}"),
        ("送检科室", illness.department),
        ("收到日期", chinese(visit.came_at.date())),
        ("报告日期", chinese(reported.date())),
    ))  # fmt: skip
    y = _sections(page, y, (
        ("临床诊断", illness.diagnosis),
        ("送检材料", illness.specimen or "无"),
        ("病理诊断", illness.pathology or "未见肿瘤细胞。"),
        ("提示", "请结合临床和影像学检查。"),
    ))  # fmt: skip
    _close(page, y, visit, "病理诊断专用章", reported)
    return page


def surgery_record(holder: Holder, visit: Visit, illness: Illness, rng: random.Random) -> Sheet:
    """What was done in the operating theatre (手术记录)."""
    page = _headed(visit.hospital, "手 术 记 录", rng)
    done = visit.came_at + timedelta(minutes=rng.randint(60, 150))
    y = _particulars(page, holder, visit.came_at.date(), 250, (
        ("住院号", f"ZY{visit.came_at:%Y}{rng.randrange(10**5):05d}"),
        ("科室", illness.department),
        ("手术开始", _minute(visit.came_at)),
        ("手术结束", _minute(done)),
    ))  # fmt: skip
    y = _sections(page, y, (
        ("术前诊断", illness.diagnosis),
        ("术后诊断", illness.diagnosis),
        ("手术名称", illness.operation or illness.treatment),
        ("手术经过", illness.course or "手术顺利，术中出血少，安返病房。"),
        ("检查结果", _in_words(illness.findings)),
    ))  # fmt: skip
    _close(page, y, visit, "手术专用章", done, signs="手术者")
    return page


def dialysis_record(holder: Holder, visit: Visit, illness: Illness, rng: random.Random) -> Sheet:
    """The sessions of the last weeks (血液透析记录)."""
    page = _headed(visit.hospital, "血液透析治疗记录", rng)
    y = _particulars(page, holder, visit.came_at.date(), 250, (
        ("透析号", f"HD{rng.randrange(10**5):05d}"),
        ("科室", illness.department),
        ("诊断", illness.diagnosis),
        ("记录日期", chinese(visit.came_at.date())),
    ))  # fmt: skip
    y = _sections(page, y, (("透析方案", illness.dialysis or illness.treatment),))
    sessions = tuple(
        Finding(
            item=chinese(visit.came_at.date() - timedelta(days=days)),
            result=f"{rng.randint(580, 590) / 10:.1f}→{rng.randint(563, 567) / 10:.1f}",
            unit="kg",
            normal=f"{rng.randint(136, 158)}/{rng.randint(78, 92)} mmHg",
        )
        for days in (0, 2, 4, 7, 9, 11)
    )
    y = _findings(page, y + 10, sessions, ("透析日期", "体重（前→后）", "", "单位", "透前血压"))
    y = _sections(page, y + 24, (("小结", _in_words(illness.findings)),))
    _close(page, y, visit, "血液净化中心", visit.came_at)
    return page


def prescription(holder: Holder, visit: Visit, illness: Illness, rng: random.Random) -> Sheet:
    """Medicines to be dispensed (处方笺)."""
    page = _headed(visit.hospital, "处 方 笺", rng)
    y = _particulars(page, holder, visit.came_at.date(), 250, (
        ("处方号", f"{visit.came_at:%Y%m%d}{rng.randrange(10**4):04d}"),
        ("科室", illness.department),
        ("开具日期", chinese(visit.came_at.date())),
        ("有效期", "当日有效，慢性病用药可至4周"),
    ))  # fmt: skip
    y = _sections(page, y, (
        ("临床诊断", illness.diagnosis),
        ("Rp", illness.treatment),
        ("医嘱", illness.advice),
    ))  # fmt: skip
    _close(page, y, visit, "处方专用章", visit.came_at)
    return page


def follow_up_record(holder: Holder, visit: Visit, illness: Illness, rng: random.Random) -> Sheet:
    """What a primary-care institution found at its visits (慢性病随访记录)."""
    page = _headed(visit.hospital, "慢性病患者随访服务记录表", rng)
    y = _particulars(page, holder, visit.came_at.date(), 250, (
        ("档案号", f"{rng.randrange(10**8):08d}"),
        ("管理病种", illness.diagnosis),
        ("本次随访", chinese(visit.came_at.date())),
        ("随访方式", rng.choice(("门诊", "家庭", "电话"))),
    ))  # fmt: skip
    visits = tuple(
        Finding(
            item=chinese(visit.came_at.date() - timedelta(days=days)),
            result=f"{rng.randint(140, 156)}/{rng.randint(86, 96)}",
            unit="mmHg",
            normal=f"{rng.randint(60, 92) / 10:.1f} mmol/L",
        )
        for days in (0, 91, 184, 273)
    )
    y = _findings(page, y + 10, visits, ("随访日期", "血压", "", "单位", "空腹血糖"))
    y = _sections(page, y + 24, (
        ("用药情况", illness.treatment),
        ("此次分类", "控制满意，已纳入规范化管理。"),
        ("指导", illness.advice),
    ))  # fmt: skip
    _close(page, y, visit, "公共卫生专用章", visit.came_at)
    return page


def _headed(hospital: str, title: str, rng: random.Random) -> Sheet:
    page = Sheet(A4, rng)
    page.title(86, hospital, 46, spacing=8)
    page.title(156, title, 40, spacing=8)
    page.draw.line((LEFT, 230, RIGHT, 230), fill=BLACK, width=3)
    return page


def _particulars(page: Sheet, holder: Holder, day: date, y: float, more: Sequence[tuple[str, str]]) -> float:
    size = 26
    x = float(LEFT)
    for text in (
        f"姓名：{holder.name}",
        f"性别：{holder.sex}",
        f"年龄：{_age(holder, day)}",
        f"民族：{holder.ethnicity}族",
    ):
        page.text((x, y), text, size)
        x += WIDTH / 4
    y += 46
    page.text((LEFT, y), f"身份证号：{holder.id_no}", size)
    page.text((LEFT + WIDTH * 0.5, y), f"费别：{holder.insured_as or '基本医疗保险'}", size)
    y += 46
    y = page.paragraph((LEFT, y), f"住址：{holder.address}", size, WIDTH, indent=0, leading=1.77)
    for number, (name, value) in enumerate(more):
        text, room = f"{name}：{value}", WIDTH * 0.5 - size
        page.text((LEFT + (number % 2) * WIDTH * 0.5, y), text, fit(text, size, room))
        y += 46 if number % 2 else 0
    if len(more) % 2:
        y += 46
    page.draw.line((LEFT, y + 4, RIGHT, y + 4), fill=BLACK, width=2)
    return y + 26


def _sections(page: Sheet, y: float, sections: Sequence[tuple[str, str]]) -> float:
    size = 28
    for name, text in sections:
        heading = f"{name}："
        page.text((LEFT, y), heading, size, bold=True)
        inset = size * (len(heading) + 0.3)
        y = page.paragraph((LEFT + inset, y), text, size, WIDTH - inset, indent=0, leading=1.6) + 14
    return y


def _findings(
    page: Sheet,
    y: float,
    findings: Sequence[Finding],
    names: Sequence[str] = ("项目", "结果", "", "单位", "参考范围"),
) -> float:
    columns = (0.0, 0.40, 0.56, 0.64, 0.82)
    page.draw.line((LEFT, y, RIGHT, y), fill=BLACK, width=3)
    for share, name in zip(columns, names, strict=True):
        page.text((LEFT + share * WIDTH, y + 12), name, 27, bold=True)
    y += 60
    page.draw.line((LEFT, y, RIGHT, y), fill=BLACK, width=2)
    for number, one in enumerate(findings, 1):
        cells = (f"{number}. {one.item}", one.result, one.flag, one.unit, one.normal)
        for share, cell in zip(columns, cells, strict=True):
            page.text((LEFT + share * WIDTH, y + 12), cell, 27, colour=SEAL_RED if cell == "↑" else BLACK)
        y += 56
    page.draw.line((LEFT, y, RIGHT, y), fill=BLACK, width=3)
    return y


def _close(page: Sheet, y: float, visit: Visit, seal: str, at: datetime, signs: str = "医师") -> None:
    y = max(y + 40, 1380)
    page.text((LEFT + WIDTH * 0.45, y), f"{signs}签名：", 28)
    page.signature((LEFT + WIDTH * 0.45 + 170, y - 24), visit.doctor, 64, 260)
    page.text((LEFT + WIDTH * 0.45, y + 76), _minute(at), 28)
    page.seal((RIGHT - 140, y + 96), visit.hospital, seal, 124)
    page.mark_as_sample()


def _in_words(findings: Sequence[Finding]) -> str:
    return "，".join(f"{one.item} {one.result}{one.unit}{one.flag}" for one in findings) + "。"


def _minute(moment: datetime) -> str:
    return f"{chinese(moment.date())} {moment:%H:%M}"


def _age(holder: Holder, day: date) -> str:
    years = holder.age_on(day)
    return f"{years}岁" if years else f"{max(0, (day - holder.birth_date).days)}天"
