"""Three days of evenings with the server killed again and again; then the platforms are asked."""

import asyncio
import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.rig.driver import run
from tests.rig.plan import FULL, SHORT
from tests.rig.verdict import judge

# In full it is BANZHANG_RIG_KILLS=200; a run is repeated with the seed that it printed.
KILLS = int(os.environ.get("BANZHANG_RIG_KILLS", "20"))
SEED = int(os.environ.get("BANZHANG_RIG_SEED", "20261126"))


@pytest.mark.xdist_group("processes")
def test_after_random_kills_every_post_is_there_once_or_its_owner_was_asked(
    tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    began = time.monotonic()
    plan, trouble = (FULL, 0.4) if KILLS >= 100 else (SHORT, 0.15)
    running = run(tmp_path, plan, kills=KILLS, trouble=trouble, seed=SEED)
    verdict = judge(plan, asyncio.run(running))
    record_property("shown", f"{verdict.table}\nseed {SEED}, {time.monotonic() - began:.0f} s")
    assert not verdict.wrong, "\n".join(verdict.wrong)
    assert verdict.kills == KILLS
    assert verdict.timely > verdict.planned / 2
