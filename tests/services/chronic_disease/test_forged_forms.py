"""Opinions, keys and papers edited in the database: the check of the form says so, whatever was edited."""

from collections.abc import Mapping
from typing import Any

from clinic import Clinic
from forms import check, code_of, download, is_unchanged
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from app.filings.models import IssuedPaper
from app.kit.signing import SignatureAlgorithm, new_key_pair, sign
from app.services.chronic_disease import opinions
from app.services.chronic_disease.models import ExpertKey, ExpertOpinion
from tests.somebody import Somebody


def opinion_of(session: Session) -> ExpertOpinion:
    return session.execute(select(ExpertOpinion).order_by(ExpertOpinion.id)).scalars().all()[0]


def rewrite(opinion: ExpertOpinion, **changes: Any) -> None:
    """Content that was changed by somebody who has even the keys that seal it."""
    content = {**opinions.content_of(opinion), **changes}
    opinion.content = {"signed": opinions.canonical(content)}


def edit_content(session: Session) -> None:
    rewrite(opinion_of(session), reason="改过的理由")


def edit_flag(session: Session) -> None:
    opinion = opinion_of(session)
    opinion.certified = not opinion.certified


def edit_flag_and_content(session: Session) -> None:
    opinion = opinion_of(session)
    opinion.certified = not opinion.certified
    rewrite(opinion, certified=opinion.certified)


def break_content(session: Session) -> None:
    opinion_of(session).content_sealed = b"\x01" * 60


def swap_contents(session: Session) -> None:
    one, other = session.execute(select(ExpertOpinion).order_by(ExpertOpinion.id)).scalars().all()
    one.content_sealed, other.content_sealed = other.content_sealed, one.content_sealed


def swap_signatures(session: Session) -> None:
    one, other = session.execute(select(ExpertOpinion).order_by(ExpertOpinion.id)).scalars().all()
    one.signature, other.signature = other.signature, one.signature


def swap_keys(session: Session) -> None:
    one, other = session.execute(select(ExpertOpinion).order_by(ExpertOpinion.id)).scalars().all()
    one.key_id, other.key_id = other.key_id, one.key_id


def rub_out_signature(session: Session) -> None:
    opinion_of(session).signature = ""


def another_day(session: Session) -> None:
    opinion = opinion_of(session)
    opinion.at = opinion.at.replace(year=2020)


def key_of_a_forger(session: Session) -> None:
    """New keys in place of the expert's, and the changed content signed with them."""
    opinion = opinion_of(session)
    forged = new_key_pair(SignatureAlgorithm.ED25519)
    rewrite(opinion, reason="改过的理由")
    opinion.signature = sign(forged, opinions.PURPOSE, opinion.content["signed"])
    session.execute(update(ExpertKey).where(ExpertKey.id == opinion.key_id).values(public=forged.public))


TAMPERINGS = (
    edit_content,
    edit_flag,
    edit_flag_and_content,
    break_content,
    swap_contents,
    swap_signatures,
    swap_keys,
    rub_out_signature,
    another_day,
    key_of_a_forger,
)


def test_an_opinion_edited_in_the_database_makes_the_form_invalid(
    clinic: Clinic, patient: Somebody, approved: dict[str, Any]
) -> None:
    pdf = download(patient, approved)
    code = code_of(pdf)
    kept = clinic.world.write(rows)
    for tamper in TAMPERINGS:
        clinic.world.write(tamper)

        checked = check(clinic, pdf)

        assert checked["genuine"] is False, tamper.__name__
        assert not all(one["valid"] for one in checked["signatures"]), tamper.__name__
        assert "请勿采信" in checked["detail"]
        assert not is_unchanged(clinic, code, pdf), tamper.__name__
        clinic.world.write(lambda session: put_back(session, kept))
        assert check(clinic, pdf)["genuine"] is True, "nothing else was touched"


Kept = Mapping[type[ExpertOpinion] | type[ExpertKey], list[dict[str, Any]]]


def rows(session: Session) -> Kept:
    """All opinions and keys, column by column."""
    return {
        model: [dict(row) for row in session.execute(select(model.__table__)).mappings()]
        for model in (ExpertOpinion, ExpertKey)
    }


def put_back(session: Session, kept: Kept) -> None:
    for model, values in kept.items():
        session.execute(update(model), values)


def test_what_is_kept_of_the_paper_cannot_be_broken_into_an_error(
    clinic: Clinic, patient: Somebody, approved: dict[str, Any]
) -> None:
    pdf = download(patient, approved)
    clinic.world.write(lambda session: session.execute(update(IssuedPaper).values(facts_sealed=b"\x01" * 60)))

    checked = check(clinic, pdf)

    assert checked["genuine"] is False
    assert not is_unchanged(clinic, code_of(pdf), pdf)
