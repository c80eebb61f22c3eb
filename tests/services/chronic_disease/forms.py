"""Recognition forms in tests: approved cases, their forms as files, and the public check of them."""

import io
from typing import Any

import pypdfium2
import zxingcpp
from clinic import DIABETES, HYPERTENSION, Clinic

from tests.somebody import Somebody


def mixed(clinic: Clinic, patient: Somebody) -> dict[str, Any]:
    case = clinic.apply(patient, HYPERTENSION, DIABETES, institution_ids=[str(clinic.hospital.id)])
    for expert in clinic.named(case):
        for item in expert.ok("GET", f"/chronic/cases/{case['id']}")["items"]:
            if item["yours"]:
                code = item["disease_code"]
                clinic.decide(expert, case, code, certify=code == HYPERTENSION)
    return clinic.review(patient.ok("GET", f"/filings/{case['id']}"))


def recognised(clinic: Clinic, patient: Somebody) -> dict[str, Any]:
    """Hypertension recognised, and nothing else."""
    case = clinic.apply(patient, HYPERTENSION)
    return clinic.review(clinic.decide(clinic.expert_of(case), case, HYPERTENSION, certify=True))


def download(patient: Somebody, case: dict[str, Any]) -> bytes:
    pdf: bytes = patient.ok("GET", f"/filings/{case['id']}/form.pdf")
    return pdf


def words_of(pdf: bytes) -> str:
    pages = pypdfium2.PdfDocument(pdf)
    return "\n".join(page.get_textpage().get_text_bounded() for page in pages)


def code_of(pdf: bytes) -> str:
    """What the QR code says, read as a phone's camera reads it."""
    found = [
        code
        for page in pypdfium2.PdfDocument(pdf)
        for code in zxingcpp.read_barcodes(page.render(scale=3).to_pil())
    ]
    assert len(found) == 1, "one code on the paper"
    return found[0].text.rsplit("/", 1)[1]


def check(clinic: Clinic, pdf: bytes) -> dict[str, Any]:
    answer: dict[str, Any] = clinic.world.nobody.ok("GET", f"/verify/{code_of(pdf)}")
    return answer


def is_unchanged(clinic: Clinic, code: str, pdf: bytes) -> bool:
    form = {"file": (io.BytesIO(pdf), "form.pdf")}
    answer = clinic.world.nobody.ok(
        "POST", f"/verify/{code}/file", data=form, content_type="multipart/form-data"
    )
    return bool(answer["unchanged"])
