"""What things look like on the screen, in few words of Chinese, for the journal."""

from collections.abc import Iterable, Mapping
from typing import Any

from mock_client.api.chronic import CaseAnswer, DiseaseAnswer, EntitlementAnswer, ItemAnswer
from mock_client.api.filings import FilingAnswer
from mock_client.api.identity import MeAnswer
from mock_client.api.notices import NoticeAnswer
from mock_client.api.offers import EvidenceAnswer, OfferAnswer
from mock_client.api.remote_care import AdviceAnswer, RecordAnswer
from mock_client.journal import Step

INSURANCE = {"310": "职工医保", "390": "居民医保"}
PAPERS = {
    "id_card_front": "身份证人像面",
    "id_card_back": "身份证国徽面",
    "social_card": "社会保障卡",
    "residence_proof": "居住证",
    "posting_proof": "单位外派证明",
    "commitment": "承诺书",
    "referral_slip": "转诊证明",
    "medical_record": "病历",
    "emergency_record": "急诊抢救记录",
    "discharge_summary": "出院小结",
    "outpatient_record": "门诊病历",
    "examination_report": "检查报告",
    "diagnosis_certificate": "诊断证明书",
    "pathology_report": "病理报告",
    "surgery_record": "手术记录",
    "dialysis_record": "透析记录",
    "prescription": "处方",
    "follow_up_record": "随访记录",
    "student_card": "学生证",
    "birth_certificate": "出生医学证明",
}


def tell_me(step: Step, me: MeAnswer) -> None:
    """The start page."""
    person = me["person"]
    if person is None:
        step.saw("已登录，还没有实名认证")
        return
    for coverage in me["coverages"]:
        kind = INSURANCE.get(coverage["insutype"], coverage["insutype"])
        marks = [
            ("退休", coverage["retired"]),
            ("学生", coverage["student"]),
            ("低收入", coverage["low_income"]),
        ]
        said = "、".join(words for words, holds in marks if holds)
        extra = f"（{said}）" if said else ""
        step.saw(f"{person['name']}，{kind}{extra}，参保地 {coverage['region_code']}")
    for organisation in me["organisations"]:
        step.saw(f"{person['name']}，{organisation['name']}")
    if not me["coverages"] and not me["organisations"]:
        step.saw(f"{person['name']}，没有查到参保信息")


def tell_advice(step: Step, advice: AdviceAnswer) -> None:
    """The answer to "do I need to file?"."""
    step.saw(advice["text"])
    step.saw(f"依据：{advice['source']['ref']}")
    for share in advice["without_filing"]:
        step.saw(f"不备案：{share['text']}")
    for category in advice["with_filing"]:
        step.saw(f"可选 {category['name']}：{category['text']}")
        for proof in category["proofs"]:
            step.saw(f"　{proof['text']}")
        for share in category["shares"]:
            step.saw(f"　备案后：{share['text']}")
    for note in advice["notes"]:
        step.saw(note["text"])


def tell_filing(step: Step, filing: FilingAnswer) -> None:
    """One case."""
    due = f"，期限 {filing['due_at'][:10]}" if filing["due_at"] else ""
    step.saw(
        f"{filing['service_name']} {filing['number']}：{filing['status_text']}（{filing['where']}{due}）"
    )
    step.saw(filing["next_step"])
    if filing["reason"]:
        step.saw(f"理由：{filing['reason']}")
    for item in filing["missing"]:
        step.saw(f"需要补正：{item['text']}")
    for line in filing["outcome"]:
        step.saw(f"{line['label']}：{line['value']}")


def tell_record(step: Step, record: RecordAnswer) -> None:
    """One remote-care record, under the platform's names too."""
    valid = "有效" if record["in_force"] else "不在有效期"
    step.saw(f"{record['category_name']}，{record['place_name']}，{record['validity_text']}（{valid}）")
    step.saw(
        f"trt_dcla_detl_sn={record['trt_dcla_detl_sn']} insu_admdvs={record['insu_admdvs']} "
        f"rloc_admdvs={record['rloc_admdvs']} rloc_rea={record['rloc_rea']} "
        f"begndate={record['begndate']} enddate={record['enddate']} vali_flag={record['vali_flag']}"
    )


def tell_disease(step: Step, disease: DiseaseAnswer) -> None:
    """What it takes to be recognised for a disease."""
    level = "，".join(
        (f"{disease['min_hospital_level']} 级以上医院的诊断", f"由{disease['specialty']}专家鉴定")
    )
    step.saw(f"{disease['code']} {disease['name']}：{level}")
    for paper in disease["papers"]:
        recent = f"，近 {paper['within_months']} 个月的" if paper["within_months"] else ""
        step.saw(f"　要交：{paper['names']}（{paper['why']}{recent}）")
    for criterion in disease["criteria"]:
        step.saw(f"　标准：{criterion['text']}")


def tell_case(step: Step, case: CaseAnswer) -> None:
    """A case disease by disease, with what the experts found."""
    for item in case["items"]:
        step.saw(f"{item['disease_name']}：{item['status_text']}")
        for opinion in item["opinions"]:
            word = "认定" if opinion["certified"] else "不予认定"
            reason = f"，{opinion['reason']}" if opinion["reason"] else ""
            step.saw(f"　第{opinion['round']}次鉴定 {opinion['expert']}：{word}{reason}")
            for finding in opinion["findings"]:
                mark = "符合" if finding["met"] else "不符合"
                note = f"（{finding['note']}）" if finding["note"] else ""
                step.saw(f"　　{mark}：{finding['text']}{note}")
        if item["appeal_until"]:
            step.saw(f"　可在 {item['appeal_until']} 前申请复核一次")


def tell_checklist(step: Step, item: ItemAnswer) -> None:
    """What an expert has to tick for one disease."""
    step.saw(f"{item['disease_name']}（第 {item['round']} 次鉴定）")
    for group in item["groups"]:
        step.saw(f"　{group['text']}：至少 {group['at_least']} 条")
    for criterion in item["criteria"]:
        step.saw(f"　□ {criterion['text']}（看{criterion['evidence']}）")
    _tell_evidence(step, item["evidence"])


def tell_entitlement(step: Step, entitlement: EntitlementAnswer) -> None:
    """One benefit, under the platform's names too."""
    valid = "有效" if entitlement["in_force"] else "不在有效期"
    step.saw(f"{entitlement['opsp_dise_name']}：{entitlement['validity_text']}（{valid}）")
    step.saw(
        f"opsp_dise_code={entitlement['opsp_dise_code']} insu_admdvs={entitlement['insu_admdvs']} "
        f"begndate={entitlement['begndate']} enddate={entitlement['enddate']}，"
        f"定点机构 {len(entitlement['institution_ids'])} 家"
    )


def tell_offer(step: Step, offer: OfferAnswer) -> None:
    """What somebody is offered without applying, and what it rests on."""
    step.saw(f"{offer['benefit_name']} {offer['disease_name']}：{offer['status_text']}")
    step.saw(offer["reason"])
    _tell_evidence(step, offer["evidence"])
    if offer["available_actions"]:
        step.saw(f"请在 {offer['expires_on']} 前选“同意”或“不用了”")


def _tell_evidence(step: Step, evidence: Iterable[EvidenceAnswer]) -> None:
    """The visits that hospitals reported."""
    for one in evidence:
        kind = "住院" if one["kind"] == "inpatient" else "门诊"
        step.saw(f"　{one['visited_on']} {one['hospital_name']} {kind}，诊断编码 {one['icd10']}")


def tell_notice(step: Step, notice: NoticeAnswer) -> None:
    """One notice, and how it reached the person."""
    way = f"{notice['channel_text']}，" if notice["channel_text"] else ""
    step.saw(f"{notice['text']}（{way}{notice['status_text']}）")
    for one in notice["tries"]:
        step.saw(f"　{one['text']}")


def paper_names(kinds: Iterable[str]) -> str:
    """身份证人像面、居住证."""
    return "、".join(PAPERS.get(kind, kind) for kind in kinds)


def outcome_of(filing: FilingAnswer, label: str) -> str:
    """One line of what an approval gave; empty if it has none of that name."""
    return next((line["value"] for line in filing["outcome"] if line["label"] == label), "")


def tell_bill(step: Step, info: Mapping[str, Any], detail: Iterable[Mapping[str, Any]] = ()) -> None:
    """The receipt: what each side pays, and how it came about."""
    parts = (
        ("医保基金", "fund_pay_sumamt"),
        ("个人账户", "acct_pay"),
        ("家庭共济", "acct_mulaid_pay"),
        ("现金", "psn_cash_pay"),
    )
    shares = "，".join(
        f"{words} {info[name]:.2f}" for words, name in parts if info[name] or name != "acct_mulaid_pay"
    )
    left = "" if info["balc"] is None else f"；账户余额 {info['balc']:.2f}"
    step.saw(f"总额 {info['medfee_sumamt']:.2f} 元：{shares}{left}")
    for row in detail:
        step.saw(f"· {row['setl_proc_info']}")
