"""好差评: a finished case is rated once; a bad rating is followed up."""

from tests.world import World


def test_a_finished_case_is_rated_once_and_a_bad_rating_is_followed_up(world: World) -> None:
    citizen = world.citizen()
    case = world.filing(citizen, "approved")

    rated = citizen.ok("POST", f"/filings/{case['id']}/rating", {"stars": 1, "comment": "等了很久"})

    assert rated == {"filing_id": case["id"], "stars": 1, "follow_up": True}
    assert citizen.refused("POST", f"/filings/{case['id']}/rating", {"stars": 5}) == (409, "already_rated")


def test_an_unfinished_case_cannot_be_rated_yet(world: World) -> None:
    citizen = world.citizen()
    case = world.filing(citizen)
    assert citizen.refused("POST", f"/filings/{case['id']}/rating", {"stars": 5}) == (409, "not_rateable")


def test_a_draft_that_was_thrown_away_is_not_rated(world: World) -> None:
    citizen = world.citizen()
    case = world.act(citizen, world.filing(citizen, "draft"), "withdraw")
    assert citizen.refused("POST", f"/filings/{case['id']}/rating", {"stars": 1}) == (409, "not_rateable")


def test_a_case_that_was_taken_back_after_it_was_handed_in_is_rated(world: World) -> None:
    citizen = world.citizen()
    case = world.act(citizen, world.filing(citizen), "withdraw")
    assert citizen.ok("POST", f"/filings/{case['id']}/rating", {"stars": 2})["follow_up"] is True


def test_only_who_the_case_belongs_to_rates_it(world: World) -> None:
    case = world.filing(world.citizen(), "approved")
    assert world.citizen().refused("POST", f"/filings/{case['id']}/rating", {"stars": 5}) == (
        404,
        "not_found",
    )


def test_stars_go_from_one_to_five(world: World) -> None:
    citizen = world.citizen()
    case = world.filing(citizen, "approved")
    for stars in (0, 6, "5", 2.5, True):
        assert citizen.refused("POST", f"/filings/{case['id']}/rating", {"stars": stars}) == (
            422,
            "invalid_input",
        )
