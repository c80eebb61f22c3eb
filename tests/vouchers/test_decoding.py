"""A terminal scans a code: who it is, or the one reason why not."""

from datetime import timedelta
from uuid import UUID

import pytest
from phone import OfflinePhone
from scanning import PHONE, SETTLEMENT, Scanner, activate, show
from sqlalchemy import delete
from sqlalchemy.orm import Session

from app.identity.actor import AccountKind, Actor
from app.identity.models import Account, Person
from app.kit import clock, ids
from app.kit.api.failures import FailureLimit
from app.kit.errors import Problem
from app.vouchers import codes
from app.vouchers.keys import voucher_keys
from app.vouchers.models import Voucher, VoucherDevice
from tests.world import Somebody, World


@pytest.fixture
def database_url(both_databases: str) -> str:
    return both_databases


@pytest.fixture
def code(citizen: Somebody) -> str:
    activate(citizen)
    return str(show(citizen)["code"])


def changed(code: str) -> str:
    return code[:-1] + str((int(code[-1]) + 1) % 10)


def test_a_scanned_code_tells_who_it_is_and_can_be_scanned_again(
    citizen: Somebody, scanner: Scanner, code: str
) -> None:
    first, second = scanner.scan(code), scanner.scan(code)

    assert first == second
    assert (first.person_id, first.organisation_id, first.business) == (
        citizen.person_id,
        scanner.hospital.organisation_id,
        SETTLEMENT,
    )
    assert scanner.decode(code) != scanner.decode(code)


def test_what_is_not_taken_has_each_its_reason(scanner: Scanner, code: str) -> None:
    """A payment code has 18 digits."""
    for seconds, reason in (
        (120, "code_expired"),
        (3500, "code_expired"),
        (7200, "code_unknown"),
        (-120, "clock_off"),
    ):
        with pytest.raises(Problem, match=reason):
            scanner.scan(code, now=clock.now() + timedelta(seconds=seconds))
    for scanned in ("", "134567890123456789", "01" * 15, "医保码", "9" * 28):
        with pytest.raises(Problem, match="code_unknown"):
            scanner.scan(scanned)


def test_a_used_code_is_called_used_also_when_it_was_revoked_since(
    citizen: Somebody, scanner: Scanner, code: str
) -> None:
    scanner.pay(scanner.scan(code))
    with pytest.raises(Problem, match="code_used"):
        scanner.scan(code)
    citizen.ok("DELETE", "/voucher")
    with pytest.raises(Problem, match="code_used"):
        scanner.scan(code)


def test_a_genuine_code_of_no_voucher_here_is_not_activated(
    world: World, scanner: Scanner, code: str
) -> None:
    """A database that was put back to yesterday knows nothing of today's vouchers."""
    world.write(lambda session: (session.execute(delete(VoucherDevice)), session.execute(delete(Voucher))))
    with pytest.raises(Problem, match="voucher_not_activated"):
        scanner.scan(code)


def test_a_code_of_a_slot_that_no_phone_has_is_revoked(world: World, scanner: Scanner, code: str) -> None:
    """Only who holds the voucher key could make it."""
    other = codes.make(voucher_keys(), code[2:13], 7, codes.step_at(clock.now()))
    with pytest.raises(Problem, match="voucher_revoked"):
        scanner.scan(other)


@pytest.fixture
def father_and_girl(world: World) -> tuple[Somebody, UUID]:
    """He has activated her voucher on his phone."""
    father = world.citizen()
    girl = world.child(father, age=17)
    activate(father, person_id=girl)
    return father, girl


def test_a_guardian_s_phone_pays_for_the_child_and_its_own_account_needs_no_kin(
    scanner: Scanner, father_and_girl: tuple[Somebody, UUID]
) -> None:
    father, girl = father_and_girl
    token = scanner.scan(show(father, person_id=girl)["code"])
    scanner.preview(token)
    scanner.pay(token)
    assert token.person_id == girl


@pytest.mark.parametrize("why", ["kinship ended", "of age", "account disabled"])
def test_a_phone_of_who_may_no_longer_act_shows_and_pays_nothing_though_it_holds_keys(
    world: World, scanner: Scanner, father_and_girl: tuple[Somebody, UUID], why: str
) -> None:
    father, girl = father_and_girl
    phone = OfflinePhone(father.ok("POST", "/voucher/keys", {"device_no": PHONE, "person_id": str(girl)}))
    scanned_before = scanner.scan(phone.code(clock.now()))

    def enter(session: Session) -> None:
        if why == "of age":
            session.get_one(Person, girl).birth_date = clock.today().replace(year=clock.today().year - 18)
        else:
            session.get_one(Account, father.account_id).disabled_at = clock.now()

    world.part(girl, father) if why == "kinship ended" else world.write(enter)

    for step in (
        lambda: scanner.scan(phone.code(clock.now())),
        lambda: scanner.preview(scanned_before),
        lambda: scanner.pay(scanned_before),
    ):
        with pytest.raises(Problem, match="voucher_revoked"):
            step()


def test_only_a_terminal_scans(world: World, citizen: Somebody, code: str) -> None:
    scanner = Scanner(world, world.hospital())
    scanner.actor = Actor(citizen.account_id, AccountKind.CITIZEN, citizen.person_id, ids.new_id())
    with pytest.raises(Problem, match="role_not_allowed"):
        scanner.scan(code)


def test_a_terminal_that_guesses_is_stopped_and_no_other(world: World, code: str) -> None:
    failures = FailureLimit("3/minute")
    guessing, honest = (Scanner(world, world.hospital(), failures) for _ in range(2))
    for _ in range(3):
        with pytest.raises(Problem, match="code_unknown"):
            guessing.scan(changed(code))

    with pytest.raises(Problem, match="too_many_requests") as stopped:
        guessing.scan(code)

    assert 0 < int(stopped.value.headers["Retry-After"]) <= 60
    assert honest.scan(code).account_id == honest.actor.account_id


def test_what_is_scanned_right_or_late_or_by_mistake_is_no_guess(world: World, code: str) -> None:
    scanner = Scanner(world, world.hospital(), FailureLimit("1/minute"))
    later = clock.now() + timedelta(seconds=120)
    for _ in range(3):
        scanner.scan(code)
        for scanned, reason in ((code, "code_expired"), ("134567890123456789", "code_unknown")):
            with pytest.raises(Problem, match=reason):
                scanner.scan(scanned, now=later)
    assert scanner.scan(code).person_id is not None


def test_another_phone_s_digits_under_one_s_own_proof_are_unknown(
    world: World, citizen: Somebody, scanner: Scanner, code: str
) -> None:
    other = world.citizen()
    activate(other)
    hers = show(other, phone=PHONE)["code"]
    with pytest.raises(Problem, match="code_unknown"):
        scanner.scan(code[:14] + hers[14:])
