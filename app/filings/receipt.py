"""The receipt of a case as PDF, with a code that anyone can check."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.filings import catalogue, errors, queries, wording
from app.filings.declaration import Fact, Signed
from app.filings.models import Filing, IssuedPaper
from app.identity import service as identity
from app.kit import clock, ids, sealing
from app.kit.crypto import SealBroken, mac, same
from app.kit.db import Database, insert_if_absent
from app.kit.errors import NOT_FOUND
from app.kit.masking import mask_id_no, mask_name
from app.kit.pdf import Paper
from app.kit.text import Text
from app.places import regions

CODE_LENGTH = 12
DEMO_WORDS = "（演示数据，不作为凭证）"


@dataclass(frozen=True)
class Receipt:
    """A PDF and the name under which to save it."""

    content: bytes
    filename: str
    code: str


def issue(database: Database, filing_id: UUID, public_url: str, *, demo: bool) -> Receipt:
    """The receipt of the case as it stands; the same state gives the same paper and code again.

    The paper is issued in a transaction of its own and drawn after it: drawing takes long and holds no lock.
    demo: says on the paper that it is worth nothing, for it looks like one that is. Raises NO_RECEIPT.
    """
    with database.reading() as session:
        filing = session.get_one(Filing, filing_id)
        paper = _paper_of(session, filing)
    if paper is None:
        paper = database.run(lambda session: _issue(session, filing_id))
    return Receipt(_draw(paper, public_url, demo=demo), f"{filing.number}.pdf", paper.code)


def kind_of(session: Session, filing: Filing) -> str:
    """The kind of the paper that says how the case stands now. Raises NO_RECEIPT for a draft."""
    if filing.submitted_at is None:
        raise errors.NO_RECEIPT()
    revision = catalogue.get(filing.service_code).revision(session, filing)
    return f"receipt:{filing.last_seq}{':' if revision else ''}{revision}"


def _paper_of(session: Session, filing: Filing) -> IssuedPaper | None:
    query = select(IssuedPaper).where(
        IssuedPaper.filing_id == filing.id, IssuedPaper.kind == kind_of(session, filing)
    )
    return session.execute(query).scalar_one_or_none()


def _issue(session: Session, filing_id: UUID) -> IssuedPaper:
    # The lock keeps the case from going on between what the paper says and the step that it names.
    filing = queries.locked(session, filing_id)
    if filing is None:
        raise NOT_FOUND()
    fresh = _new_paper(session, filing, kind_of(session, filing))
    values = {column.key: getattr(fresh, column.key) for column in IssuedPaper.__table__.columns}
    insert_if_absent(session, IssuedPaper, values)
    issued = _paper_of(session, filing)
    if issued is None:
        raise RuntimeError("the paper that was issued is not there")
    return issued


def _new_paper(session: Session, filing: Filing, kind: str) -> IssuedPaper:
    service = catalogue.get(filing.service_code)
    person = identity.get_person(session, filing.person_id)
    lines: list[Fact] = [
        Fact(Text("办件编号", "Case number"), filing.number),
        Fact(Text("事项", "Service"), service.name),
        Fact(Text("办理对象", "Insured person"), mask_name(person.name or "")),
        Fact(Text("证件号码", "ID number"), mask_id_no(person.id_no or "")),
        Fact(Text("提交时间", "Submitted"), _china_time(filing.submitted_at)),
        Fact(Text("办理状态", "State"), wording.STATUS[filing.status]),
    ]
    if filing.region_code is not None:
        lines.append(Fact(Text("参保地", "Insured in"), regions.full_name(filing.region_code)))
    lines.extend(service.describe(catalogue.form_schema(service.form, partial=True).load(filing.form)))
    if service.has_given(session, filing):
        lines.extend((service.gives_now or service.outcome)(session, filing))
    if filing.decided_at is not None:
        lines.append(Fact(Text("办结时间", "Decided"), _china_time(filing.decided_at)))
    now = clock.now()
    form = service.official_form(session, filing)
    plain = f"{service.name}{'办理结果告知单' if filing.decided_at else '受理回执'}"
    facts: dict[str, Any] = {
        "title": plain if form is None else form.title,
        "office": _office(filing),
        "issued_at": now.isoformat(timespec="seconds"),
        "lines": [[str(line.label), str(line.value)] for line in lines],
    }
    if form is not None:
        facts["sections"] = [
            [part.heading, [[label, value] for label, value in part.lines]] for part in form.sections
        ]
        facts["signatures"] = [dict(one) for one in form.signatures]
    paper = IssuedPaper(
        id=ids.new_id(),
        code=ids.readable_code(CODE_LENGTH),
        filing_id=filing.id,
        person_id=filing.person_id,
        kind=kind,
        issued_at=now,
    )
    paper.facts = facts
    paper.seal = seal_of(paper.code, facts)
    return paper


def _office(filing: Filing) -> str:
    name = regions.full_name(filing.region_code) if filing.region_code else ""
    return f"{name}医疗保障经办中心"


def _china_time(moment: datetime | None) -> str:
    if moment is None:
        return ""
    return f"{moment.astimezone(clock.CHINA):%Y-%m-%d %H:%M}"


def seal_of(code: str, facts: dict[str, Any]) -> str:
    """The keyed seal over everything that the paper says."""
    text = json.dumps(facts, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return mac(sealing.chain_key(), "issued_paper", code, text, suite=sealing.suite()).hex()


def _draw(paper: IssuedPaper, public_url: str, *, demo: bool) -> bytes:
    facts = paper.facts
    subtitle = DEMO_WORDS if demo else ""
    sheet = Paper(facts["title"], issuer=facts["office"], created=paper.issued_at, subtitle=subtitle)
    # Two columns keep paper, seal and code on one page.
    if "sections" not in facts:
        sheet.table([(label, value) for label, value in facts["lines"]], columns=2)
    for heading, lines in facts.get("sections", ()):
        sheet.heading(heading)
        sheet.table([(label, value) for label, value in lines], columns=2)
    sheet.paragraph(
        "本单由系统自动生成。扫描二维码，或打开“掌上办”输入验证码，即可核对真伪和最新办理状态。如有疑问，请拨打 12393。",
        with_closing=True,
    )
    day = paper.issued_at.astimezone(clock.CHINA)
    sheet.closing(
        signer=facts["office"],
        day=f"{day.year}年{day.month}月{day.day}日",
        seal_words="业务专用章",
        code=verification_url(public_url, paper.code),
        caption=f"验证码 {grouped(paper.code)}",
    )
    return sheet.to_bytes()


def grouped(code: str) -> str:
    """The code in groups of four, as people read it."""
    return " ".join(code[start : start + 4] for start in range(0, len(code), 4))


def verification_url(public_url: str, code: str) -> str:
    return f"{public_url}/api/v1/verify/{code}"


@dataclass(frozen=True)
class Verified:
    """What a code says to anyone: the paper's words, how the case stands now, and what it gives now.

    superseded: the case has moved on since the paper was issued, or what it gave has changed.
    """

    paper: IssuedPaper
    filing: Filing
    facts: dict[str, Any]
    genuine: bool
    superseded: bool
    signatures: Sequence[Signed] = ()
    gives_now: Sequence[Fact] = ()


def verify(session: Session, code: str) -> Verified:
    """Check a code. Raises CODE_UNKNOWN; ``genuine`` is False when the stored paper was tampered with."""
    cleaned = "".join(code.split()).replace("-", "").upper()
    if not ids.is_readable_code(cleaned, CODE_LENGTH):
        raise errors.CODE_UNKNOWN()
    row = session.execute(
        select(IssuedPaper, Filing)
        .join(Filing, Filing.id == IssuedPaper.filing_id)
        .where(IssuedPaper.code == cleaned)
    ).one_or_none()
    if row is None:
        raise errors.CODE_UNKNOWN()
    paper, filing = row
    service = catalogue.get(filing.service_code)
    facts, sealed = _opened(paper)
    signatures = service.check_official_form(session, facts["signatures"]) if facts.get("signatures") else ()
    gives_now = service.gives_now or service.outcome
    return Verified(
        paper,
        filing,
        facts,
        genuine=sealed and all(one.valid for one in signatures),
        superseded=paper.kind != kind_of(session, filing),
        signatures=signatures,
        gives_now=gives_now(session, filing) if service.has_given(session, filing) else (),
    )


def _opened(paper: IssuedPaper) -> tuple[dict[str, Any], bool]:
    """What the paper says, and whether it is under our seal; nothing where what is kept does not even open."""
    try:
        facts = paper.facts
    except SealBroken:
        return {"title": "", "office": "", "issued_at": "", "lines": []}, False
    return facts, same(seal_of(paper.code, facts), paper.seal)


def is_as_issued(verified: Verified, content: bytes, public_url: str, *, demo: bool) -> bool:
    """Whether a file is, byte for byte, the paper that we issued: drawn anew from what is kept, it comes out the same."""
    return verified.genuine and same(_draw(verified.paper, public_url, demo=demo), content)
