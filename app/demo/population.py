"""Everybody of the demo together: the cast, the staff and the agents, and who is whose relative."""

from datetime import date
from typing import Final

from app.demo import staff
from app.demo.cast import Kin, Member
from app.demo.cast_elsewhere import BINHAI, ELSEWHERE_KIN, SHUANGYASHAN, TAIYUAN
from app.demo.cast_shaanxi import ANKANG, LUEYANG, SHAANXI_KIN, XIANYANG
from app.demo.people import DemoPerson, people_of

CITIZENS: Final[tuple[Member, ...]] = (*ANKANG, *LUEYANG, *XIANYANG, *TAIYUAN, *SHUANGYASHAN, *BINHAI)
KIN: Final[tuple[Kin, ...]] = (*SHAANXI_KIN, *ELSEWHERE_KIN, *staff.staff_kin())


def everybody(today: date) -> tuple[DemoPerson, ...]:
    """All people in a fixed order. Only a newborn's birth date depends on the day."""
    return people_of((*CITIZENS, *staff.staff_members()), KIN, today)
