"""What things look like on the screen, in few words of Chinese, for the journal."""

from collections.abc import Iterable

from mock_client.api.filings import FilingAnswer
from mock_client.api.identity import MeAnswer
from mock_client.api.notices import NoticeAnswer
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
