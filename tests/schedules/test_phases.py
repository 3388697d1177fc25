"""Which phase a group is in, and how a large one could be divided."""

import pytest

from schedules import phases, split
from schedules.phases import BY_FLOOR
from storage.sizes import Placed


def walk(*counts: int) -> list[int]:
    """The phases of a group whose size goes through these numbers."""
    found, floor = [], 0
    for count in counts:
        floor = phases.floor_of(count, floor)
        found.append(floor)
    return found


def test_a_group_goes_up_at_once_and_falls_back_below_95_percent() -> None:
    assert walk(99, 100, 99, 95, 94, 99, 100) == [0, 100, 100, 100, 0, 0, 100]
    assert walk(200, 190, 189) == [200, 200, 100]
    assert walk(500, 475, 474, 10) == [500, 500, 200, 0]


def test_a_group_that_jumps_lands_where_its_size_is() -> None:
    assert walk(650, 120) == [500, 100]


def test_the_word_about_splitting_comes_once_and_again_only_after_a_real_fall() -> None:
    told, heard = False, []
    for count in (479, 480, 470, 480, 455, 480):
        before, told = told, phases.splits(count, told)
        heard.append(told and not before)
    assert heard == [False, True, False, False, False, True]


@pytest.mark.parametrize(
    "word, floor", [("小群", 0), ("200", 200), ("500人", 500), ("200 人", 200)]
)
def test_a_phase_is_called_by_its_number(word: str, floor: int) -> None:
    found = phases.named(word)
    assert found is not None
    assert found.floor == floor


def test_what_is_kept_and_makes_no_sense_is_not_chosen() -> None:
    phase = phases.wanted(BY_FLOOR[200], {"limit": "viele", "helpers": -1, "entry": "", "x": 3})
    assert phase == BY_FLOOR[200]


def crowd(**regions: int) -> list[Placed]:
    return [
        Placed(f"qq:{region}{n}", f"{region}{n}", "qq:1:2", region=region.strip("_"), level="新人")
        for region, count in regions.items()
        for n in range(count)
    ]


def test_a_large_group_is_divided_evenly_along_its_regions() -> None:
    made = split.plan(crowd(华东=150, 华南=110, 华北=100, 西南=90, _=30))
    assert made.by == "片区", "everybody has the same level, so that tells nobody apart"
    sizes = [len(part) for part in made.parts]
    assert sizes == [240, 240]
    assert made.torn <= 24
    assert made.unknown == 30


def test_a_region_too_large_for_one_group_is_in_two() -> None:
    made = split.plan(crowd(华东=400, 华南=80), by="片区")
    assert max(map(len, made.parts)) - min(map(len, made.parts)) <= 48
    assert made.apart.keys() == {"华东"}


def test_nobody_is_lost_and_nobody_is_in_two_groups() -> None:
    people = crowd(华东=333, 华南=77, 华北=13, _=101)
    for parts in (2, 3, 7):
        made = split.plan(people, parts=parts)
        there = [one.who for part in made.parts for one in part]
        assert sorted(there) == sorted(one.who for one in people)
        assert max(map(len, made.parts)) <= len(people) / parts * 1.1 + 1


def test_where_the_roster_knows_nobody_the_group_is_divided_by_number_alone() -> None:
    made = split.plan([Placed(f"qq:{n}", str(n), "qq:1:2") for n in range(481)])
    assert made.by == ""
    assert sorted(map(len, made.parts)) == [240, 241]
