"""Papers that people sign or get signed: commitment, posting letter, referral slip, birth certificate."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from mock_client.papers.people import Holder, Illness
from mock_client.papers.sheet import A4, BLACK, SEAL_RED, Cell, Sheet, row
from mock_client.papers.typesetting import chinese

MARGIN = 130
TEXT_WIDTH = A4[0] - 2 * MARGIN


@dataclass(frozen=True, slots=True)
class Stay:
    """Where somebody will be cared for, and from when: the city, the kind of filing in Chinese, the first
    day, and the last day or None if it is open."""

    city: str
    category: str
    begin: date
    end: date | None = None


@dataclass(frozen=True, slots=True)
class Referral:
    """From which hospital to which one, in which city, and which doctor says so."""

    from_hospital: str
    to_hospital: str
    to_city: str
    doctor: str
    head_of_department: str


def commitment(holder: Holder, stay: Stay, day: date, rng: random.Random) -> Sheet:
    """The commitment that one signs in place of a proof (承诺制)."""
    page = Sheet(A4, rng)
    page.title(130, "基本医疗保险异地就医备案", 46)
    page.title(200, "个人承诺书", 54, spacing=14)
    y = page.form(
        (MARGIN, 310),
        TEXT_WIDTH,
        (
            row(("姓名", 2, holder.name, 3), ("身份证号码", 2.4, holder.id_no, 4.6)),
            row(("参保地", 2, holder.region or "—", 3), ("联系电话", 2.4, holder.phone, 4.6)),
            row(("备案类型", 2, stay.category, 3), ("就医地", 2.4, stay.city, 4.6)),
        ),
        26,
    )
    y += 40
    size = 29
    for text in (
        f"本人申请办理{stay.category}备案，自{chinese(stay.begin)}起到{stay.city}就医。因暂时不能提供相关证明材料，现郑重承诺：",
        "一、本人已看清并明白备案的条件、期限和待遇，符合上述备案类型的规定。",
        f"二、本人确在{stay.city}居住、工作或就医，所填信息和所交材料真实、准确、完整。",
        "三、情况有变化时，本人会及时变更或取消备案。",
        "四、如有虚假，本人愿意退回多支付的医保基金，接受取消备案、按未备案标准结算等处理，并承担相应的法律责任。",
    ):
        y = page.paragraph((MARGIN, y), text, size, TEXT_WIDTH, leading=1.85) + 10
    y += 60
    page.text((560, y), "承诺人（签名）：", 30)
    page.signature((790, y - 26), holder.name, 74, 310)
    page.draw.line((790, y + 54, 1110, y + 54), fill=BLACK, width=2)
    page.text((560, y + 110), "日        期：", 30)
    page.signature((770, y + 92), chinese(day), 40, 340)
    page.mark_as_sample()
    return page


def posting_letter(holder: Holder, employer: str, stay: Stay, day: date, rng: random.Random) -> Sheet:
    """An employer's letter that it has posted somebody elsewhere (单位外派证明)."""
    page = Sheet(A4, rng)
    page.title(150, employer, 54, spacing=8, colour=SEAL_RED)
    page.draw.line((MARGIN, 250, A4[0] - MARGIN, 250), fill=SEAL_RED, width=6)
    page.draw.line((MARGIN, 260, A4[0] - MARGIN, 260), fill=SEAL_RED, width=2)
    page.title(360, "外 派 工 作 证 明", 52, spacing=4)
    size, y = 31, 500.0
    office = f"{holder.region}医疗保险经办机构：" if holder.region else "医疗保险经办机构："
    y = page.paragraph((MARGIN, y), office, size, TEXT_WIDTH, indent=0, leading=2) + 8
    until = f"至{chinese(stay.end)}" if stay.end else "，期限为长期"
    who = f"{holder.name}（性别：{holder.sex}，身份证号码：{holder.id_no}）"
    home = holder.region or "原参保地"
    for text in (
        f"兹证明{who}系我单位在职职工。因工作需要，自{chinese(stay.begin)}起派驻{stay.city}工作{until}。",
        f"派驻期间，该职工长期在{stay.city}居住和工作，基本医疗保险关系仍在{home}。",
        "现申请办理常驻异地工作人员异地就医备案，请予办理。",
        "以上情况属实，我单位对本证明的真实性负责。",
        "特此证明。",
    ):
        y = page.paragraph((MARGIN, y), text, size, TEXT_WIDTH, leading=2) + 8
    y += 120
    page.text((A4[0] - MARGIN, y), employer, size, anchor="ra")
    page.text((A4[0] - MARGIN - 40, y + 70), chinese(day), size, anchor="ra")
    page.seal((A4[0] - MARGIN - 170, y + 46), employer, "人事专用章", 128)
    page.text((MARGIN, 1560), f"单位联系人：{rng.choice(('李静', '赵强', '周敏', '孙丽'))}（人事部）", 26)
    page.text((MARGIN, 1610), f"单位地址：{stay.city}高新区样本路{rng.randint(8, 188)}号", 26)
    page.mark_as_sample()
    return page


def referral_slip(
    holder: Holder, referral: Referral, illness: Illness, day: date, rng: random.Random
) -> Sheet:
    """A hospital's slip that refers somebody to a hospital elsewhere (转诊转院证明)."""
    page = Sheet(A4, rng)
    page.title(100, referral.from_hospital, 44)
    page.title(170, "异地转诊转院证明", 52, spacing=12)
    page.text((MARGIN - 20, 264), f"编号：{day:%Y}转字第{rng.randrange(1000):04d}号", 26)
    page.text((A4[0] - MARGIN + 20, 264), chinese(day), 26, anchor="ra")
    left, width = MARGIN - 20, TEXT_WIDTH + 40
    number, age = f"{day:%Y}{rng.randrange(10**6):06d}", f"{holder.age_on(day)}岁"
    summary = f"主诉：{illness.complaint}。{illness.history}{illness.examination}"
    y = page.form(
        (left, 310),
        width,
        (
            row(("姓名", 2, holder.name, 2.6), ("性别", 1.4, holder.sex, 1.2), ("年龄", 1.4, age, 1.6)),
            row(("身份证号码", 2, holder.id_no, 4.4), ("参保地", 1.6, holder.region, 2.2)),
            row(("科室", 2, illness.department, 3.6), ("住院/门诊号", 2, number, 2.6)),
            row(("家庭住址", 2, holder.address, 8.2)),
            row(("诊断", 2, illness.diagnosis, 8.2)),
            row(("病情摘要", 2, summary, 8.2), lines=6),
            row(("转诊理由", 2, f"{illness.treatment}{illness.advice}", 8.2), lines=3),
            row(("转往医院", 2, f"{referral.to_city} {referral.to_hospital}", 8.2)),
        ),
        26,
    )
    agreed = "同意转诊。"
    opinions = row(("经治医师意见", 2, agreed, 3.1), ("科主任意见", 2, agreed, 3.1), lines=4)
    below = page.form((left, y), width, (opinions,), 26)
    page.signature((left + width * 0.31, below - 100), referral.doctor, 60, 200)
    page.signature((left + width * 0.81, below - 100), referral.head_of_department, 60, 190)
    office = row(("医院医保办审核意见", 2, "情况属实，同意转外就医。", 8.2), lines=6)
    end = page.form((left, below), width, (office,), 26)
    page.text((left + width - 40, end - 50), chinese(day), 26, anchor="ra")
    page.seal((left + width - 170, end - 136), referral.from_hospital, "医保办公室", 118)
    page.mark_as_sample()
    return page


def birth_certificate(
    newborn: Holder, mother: Holder, father: Holder | None, number: str, day: date, rng: random.Random
) -> Sheet:
    """A birth certificate (出生医学证明): what a newborn is insured by before there is an ID number."""
    page = Sheet((1240, 1640), rng, (252, 246, 240))
    page.waves((246, 228, 226), lines=40, height=16)
    page.draw.rectangle((40, 40, 1200, 1600), outline=(196, 120, 120), width=6)
    page.draw.rectangle((54, 54, 1186, 1586), outline=(196, 120, 120), width=2)
    page.title(110, "出生医学证明", 68, spacing=20, colour=(150, 34, 40))
    page.title(206, "BIRTH CERTIFICATE", 30, spacing=3, colour=(150, 34, 40))
    page.text((1140, 276), f"编号 No. {number}", 32, anchor="ra", bold=True)
    born = newborn.birth_date
    moment = f"{chinese(born)}{rng.randrange(24)}时{rng.randrange(60)}分"
    weeks, weight = f"{rng.randint(37, 41)}周", f"{rng.randint(270, 390) * 10}克"
    length = f"{rng.randint(48, 52)}厘米"
    hospital = f"{newborn.region or '样本县'}妇幼保健院"
    page.form(
        (96, 340),
        1048,
        (
            row(("新生儿姓名", 2, newborn.name, 3.2), ("性别", 1.3, newborn.sex, 1.5)),
            row(("出生时间", 2, moment, 6)),
            row(("出生地点", 2, newborn.address, 6)),
            row(("出生孕周", 2, weeks, 1.2), ("体重", 1.2, weight, 1.5), ("身长", 1.2, length, 1.4)),
            row(("接生机构", 2, hospital, 6)),
            *_parent("母亲", mother, day),
            *(_parent("父亲", father, day) if father else ()),
        ),
        27,
    )
    page.text((110, 1330), "此件为测试样本，不具法律效力。", 24)
    page.text((640, 1410), f"签发机构：{hospital}", 28)
    page.text((640, 1470), f"签发日期：{chinese(min(day, born + timedelta(days=3)))}", 28)
    page.seal((930, 1430), hospital, "出生医学证明专用章", 124)
    page.mark_as_sample()
    return page


def _parent(role: str, parent: Holder, day: date) -> tuple[tuple[Cell, ...], ...]:
    age = f"{parent.age_on(day)}岁"
    return (
        row((f"{role}姓名", 2, parent.name, 3.2), ("年龄", 1.3, age, 1.5)),
        row(("国籍", 2, "中国", 1.6), ("民族", 1.3, f"{parent.ethnicity}族", 3.1)),
        row(("住址", 2, parent.address, 6)),
        row(("身份证号码", 2, parent.id_no, 6)),
    )
