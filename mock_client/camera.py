"""The camera of a phone: photographs of readable sample papers, and pictures that go wrong on purpose.

What a picture shows follows from the camera's seed, the day, the paper and its holder, never from the order
in which pictures are taken. Every paper is marked 样本 SAMPLE; the national emblem is not drawn, faces are
nobody's.
"""

import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time, timedelta
from typing import Any, TypeAlias

from mock_client.clock import CHINA
from mock_client.papers import cards, clinic, letters, photograph, spoiled
from mock_client.papers.clinic import Visit
from mock_client.papers.letters import Referral, Stay
from mock_client.papers.people import (
    COPD,
    CORONARY,
    DIABETES,
    HEART_ATTACK,
    HYPERTENSION,
    KIDNEY_FAILURE,
    LUNG_CANCER,
    LUNG_MASS,
    MILD_HYPERTENSION,
    PNEUMONIA,
    Holder,
    Illness,
)
from mock_client.papers.sheet import Sheet
from mock_client.transport import FilePart

__all__ = [
    "ANKANG",
    "COPD",
    "CORONARY",
    "DIABETES",
    "HEART_ATTACK",
    "HYPERTENSION",
    "KIDNEY_FAILURE",
    "LUNG_CANCER",
    "LUNG_MASS",
    "MILD_HYPERTENSION",
    "PNEUMONIA",
    "Camera",
    "Holder",
    "Illness",
    "Photo",
]

Person: TypeAlias = Holder | Mapping[str, Any]
"""A holder, or plain data that `Holder.of` takes."""

ANKANG = (32.6904, 109.0290)
"""Latitude and longitude of the middle of 安康."""

HOSPITAL = "样本县人民医院"
DOCTORS = ("李建国", "王晓梅", "张志强", "刘芳", "陈海涛", "杨丽华", "赵永平", "周敏")


@dataclass(frozen=True, slots=True)
class Photo:
    """A picture as the phone would upload it. `kind` says which paper it is: id_card_front, id_card_back,
    social_card, residence_proof, posting_proof, commitment, referral_slip, emergency_record,
    discharge_summary, outpatient_record, examination_report, diagnosis_certificate, pathology_report,
    surgery_record, dialysis_record, prescription, follow_up_record, student_card or birth_certificate."""

    kind: str
    name: str
    content: bytes = field(repr=False)
    media_type: str = "image/jpeg"

    @property
    def part(self) -> FilePart:
        """The file for a multipart call."""
        return FilePart(self.name, self.content, self.media_type)


class Camera:
    """One phone's camera on a day, at a place given as latitude and longitude."""

    def __init__(self, seed: int, today: date, place: tuple[float, float] = ANKANG) -> None:
        self.seed = seed
        self.today = today
        self.place = place

    def id_card_front(self, person: Person) -> Photo:
        """The identity card's side with the portrait (人像面)."""
        return self._shoot(
            "id_card_front", person, lambda who, rng: cards.id_card_front(who, self.today, rng)
        )

    def id_card_back(self, person: Person) -> Photo:
        """The identity card's side with the emblem (国徽面)."""
        return self._shoot("id_card_back", person, lambda who, rng: cards.id_card_back(who, self.today, rng))

    def social_card(self, person: Person) -> Photo:
        """The social-security card (社会保障卡)."""
        return self._shoot("social_card", person, lambda who, rng: cards.social_card(who, self.today, rng))

    def residence_permit(self, person: Person, *, lives_at: str = "山西省太原市小店区样本路8号") -> Photo:
        """The residence permit (居住证) of the place where the person lives now."""
        return self._shoot(
            "residence_proof", person, lambda who, rng: cards.residence_permit(who, lives_at, self.today, rng)
        )

    def student_card(
        self, person: Person, *, school: str = "样本大学", study: str = "计算机学院 软件工程"
    ) -> Photo:
        """The student card (学生证), opened."""
        return self._shoot(
            "student_card", person, lambda who, rng: cards.student_card(who, school, study, self.today, rng)
        )

    def commitment(
        self,
        person: Person,
        *,
        category: str = "异地长期居住人员",
        city: str = "太原市",
        begin: date | None = None,
    ) -> Photo:
        """The signed commitment in place of a proof (个人承诺书); `category` is the kind of filing in
        Chinese."""
        stay = Stay(city, category, begin or self.today)
        return self._shoot(
            "commitment", person, lambda who, rng: letters.commitment(who, stay, self.today, rng)
        )

    def posting_letter(
        self,
        person: Person,
        *,
        employer: str = "样本建设工程有限公司",
        city: str = "太原市",
        begin: date | None = None,
        end: date | None = None,
    ) -> Photo:
        """The employer's letter of posting (单位外派证明), open-ended without `end`."""
        stay = Stay(city, "常驻异地工作人员", begin or self.today, end)
        return self._shoot(
            "posting_proof",
            person,
            lambda who, rng: letters.posting_letter(who, employer, stay, self.today, rng),
        )

    def referral_slip(
        self,
        person: Person,
        *,
        from_hospital: str = HOSPITAL,
        to_hospital: str = "样本大学第一附属医院",
        to_city: str = "西安市",
        illness: Illness = LUNG_MASS,
    ) -> Photo:
        """A hospital's referral (转诊转院证明)."""

        def draw(who: Holder, rng: random.Random) -> Sheet:
            referral = Referral(from_hospital, to_hospital, to_city, *rng.sample(DOCTORS, 2))
            return letters.referral_slip(who, referral, illness, self.today, rng)

        return self._shoot("referral_slip", person, draw)

    def birth_certificate(
        self, newborn: Person, mother: Person, father: Person | None = None, *, number: str | None = None
    ) -> Photo:
        """A newborn's birth certificate (出生医学证明). Without `number` it bears the newborn's `id_no`, for
        those who are known by the certificate's number alone."""

        def draw(who: Holder, rng: random.Random) -> Sheet:
            dad = Holder.of(father) if father is not None else None
            return letters.birth_certificate(
                who, Holder.of(mother), dad, number or who.id_no, self.today, rng
            )

        return self._shoot("birth_certificate", newborn, draw)

    def emergency_record(
        self,
        person: Person,
        *,
        hospital: str = HOSPITAL,
        came_at: datetime | None = None,
        illness: Illness = HEART_ATTACK,
    ) -> Photo:
        """The record of an emergency (急诊抢救记录); `came_at` is by default yesterday evening."""
        came_at = came_at or self._at(self.today - timedelta(days=1), 20, 16)
        return self._hospital_paper(
            "emergency_record", person, clinic.emergency_record, hospital, came_at, illness
        )

    def discharge_summary(
        self,
        person: Person,
        *,
        hospital: str = HOSPITAL,
        came_on: date | None = None,
        left_on: date | None = None,
        illness: Illness = PNEUMONIA,
    ) -> Photo:
        """The summary of a stay in hospital (出院小结); by default the nine days up to yesterday."""
        left_on = left_on or self.today - timedelta(days=1)
        came_at = self._at(came_on or left_on - timedelta(days=9), 9, 40)
        return self._hospital_paper(
            "discharge_summary", person, clinic.discharge_summary, hospital, came_at, illness, left_on
        )

    def outpatient_record(
        self,
        person: Person,
        *,
        hospital: str = HOSPITAL,
        came_at: datetime | None = None,
        illness: Illness = HYPERTENSION,
    ) -> Photo:
        """The record of a visit to a doctor (门诊病历); by default five days ago."""
        came_at = came_at or self._at(self.today - timedelta(days=5), 10, 25)
        return self._hospital_paper(
            "outpatient_record", person, clinic.outpatient_record, hospital, came_at, illness
        )

    def examination_report(
        self,
        person: Person,
        *,
        hospital: str = HOSPITAL,
        came_at: datetime | None = None,
        illness: Illness = DIABETES,
    ) -> Photo:
        """A report of findings (检验检查报告单); by default from five days ago."""
        came_at = came_at or self._at(self.today - timedelta(days=5), 8, 10)
        return self._hospital_paper(
            "examination_report", person, clinic.examination_report, hospital, came_at, illness
        )

    def diagnosis_certificate(
        self,
        person: Person,
        *,
        hospital: str = HOSPITAL,
        came_at: datetime | None = None,
        illness: Illness = HYPERTENSION,
    ) -> Photo:
        """A doctor's certificate of diagnosis (疾病诊断证明书); by default of five days ago."""
        came_at = came_at or self._at(self.today - timedelta(days=5), 10, 40)
        return self._hospital_paper(
            "diagnosis_certificate", person, clinic.diagnosis_certificate, hospital, came_at, illness
        )

    def pathology_report(
        self,
        person: Person,
        *,
        hospital: str = HOSPITAL,
        came_at: datetime | None = None,
        illness: Illness = LUNG_CANCER,
    ) -> Photo:
        """What the pathologist saw (病理诊断报告); by default of twenty days ago."""
        came_at = came_at or self._at(self.today - timedelta(days=20), 9, 5)
        return self._hospital_paper(
            "pathology_report", person, clinic.pathology_report, hospital, came_at, illness
        )

    def surgery_record(
        self,
        person: Person,
        *,
        hospital: str = HOSPITAL,
        came_at: datetime | None = None,
        illness: Illness = CORONARY,
    ) -> Photo:
        """The record of an operation (手术记录); by default of sixty days ago."""
        came_at = came_at or self._at(self.today - timedelta(days=60), 9, 30)
        return self._hospital_paper(
            "surgery_record", person, clinic.surgery_record, hospital, came_at, illness
        )

    def dialysis_record(
        self,
        person: Person,
        *,
        hospital: str = HOSPITAL,
        came_at: datetime | None = None,
        illness: Illness = KIDNEY_FAILURE,
    ) -> Photo:
        """The latest sessions of dialysis (血液透析治疗记录); by default of yesterday."""
        came_at = came_at or self._at(self.today - timedelta(days=1), 7, 30)
        return self._hospital_paper(
            "dialysis_record", person, clinic.dialysis_record, hospital, came_at, illness
        )

    def prescription(
        self,
        person: Person,
        *,
        hospital: str = HOSPITAL,
        came_at: datetime | None = None,
        illness: Illness = MILD_HYPERTENSION,
    ) -> Photo:
        """A prescription (处方笺); by default of five days ago."""
        came_at = came_at or self._at(self.today - timedelta(days=5), 10, 50)
        return self._hospital_paper("prescription", person, clinic.prescription, hospital, came_at, illness)

    def follow_up_record(
        self,
        person: Person,
        *,
        hospital: str = HOSPITAL,
        came_at: datetime | None = None,
        illness: Illness = MILD_HYPERTENSION,
    ) -> Photo:
        """The record of visits by a primary-care institution (慢性病随访记录); by default of ten days ago."""
        came_at = came_at or self._at(self.today - timedelta(days=10), 15, 20)
        return self._hospital_paper(
            "follow_up_record", person, clinic.follow_up_record, hospital, came_at, illness
        )

    def blurred(self, photo: Photo) -> Photo:
        """The same picture, moved: nothing on it can be read."""
        return replace(photo, content=spoiled.blurred(photo.content))

    def too_small(self, photo: Photo) -> Photo:
        """The same picture as a thumbnail."""
        return replace(photo, content=spoiled.too_small(photo.content))

    def not_a_picture(self, photo: Photo) -> Photo:
        """A PDF under the picture's name and media type."""
        return replace(photo, content=spoiled.not_a_picture())

    def pixel_bomb(self, photo: Photo) -> Photo:
        """A tiny PNG of 20000×20000 pixels."""
        name = photo.name.removesuffix(".jpg") + ".png"
        return replace(photo, name=name, content=spoiled.pixel_bomb(), media_type="image/png")

    def truncated(self, photo: Photo) -> Photo:
        """The same picture, its end missing."""
        return replace(photo, content=spoiled.truncated(photo.content))

    def polyglot(self, photo: Photo) -> Photo:
        """The same picture, which is a web page too."""
        return replace(photo, content=spoiled.polyglot(photo.content))

    def huge(self, photo: Photo) -> Photo:
        """A picture of more than 10 MiB."""
        return replace(photo, content=spoiled.huge(random.Random(f"huge:{self.seed}")))

    def _hospital_paper(
        self,
        kind: str,
        person: Person,
        draw: Callable[[Holder, Visit, Illness, random.Random], Sheet],
        hospital: str,
        came_at: datetime,
        illness: Illness,
        left_on: date | None = None,
    ) -> Photo:
        def drawn(who: Holder, rng: random.Random) -> Sheet:
            return draw(who, Visit(hospital, came_at, rng.choice(DOCTORS), left_on), illness, rng)

        return self._shoot(kind, person, drawn)

    def _shoot(self, kind: str, person: Person, draw: Callable[[Holder, random.Random], Sheet]) -> Photo:
        holder = Holder.of(person)
        rng = random.Random(f"camera:{self.seed}:{kind}:{holder.id_no}")
        taken_at = self._at(self.today, rng.randint(8, 17), rng.randrange(60))
        sheet = draw(holder, rng)
        content = photograph.take(sheet, photograph.Circumstances(self.place, taken_at), rng)
        return Photo(kind, f"IMG_{taken_at:%Y%m%d_%H%M}{rng.randrange(60):02d}.jpg", content)

    def _at(self, day: date, hour: int, minute: int) -> datetime:
        return datetime.combine(day, time(hour, minute), CHINA)
