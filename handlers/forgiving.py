"""违规抵消: days of ordinary talk work off strikes, unless the owner does not want it."""

from datetime import datetime

from sqlalchemy.orm import Session

from bot import times
from bot.people import Address
from handlers import keeping, ladder
from handlers.commands import KEEPERS, Call, Refused, command
from handlers.ladder import GOOD_DAYS
from handlers.scene import Scene
from storage import health, policy
from storage.rulebook import Choice

KEY = "违规抵消"
"""How the rulebook names it."""


def counting(db: Session, scene: Scene, member: str, strikes: int, last: datetime | None) -> int:
    """How many of a member's strikes still count; `last` is when the last one was."""
    if not strikes or last is None or not on(db, scene.group_id):
        return strikes
    who = f"{Address.of(scene.chat).platform}:{member}"
    day = times.local(last, scene.zone).date()
    good = health.days_spoken(db, group_id=scene.group_id, who=who, after=day)
    return ladder.left(strikes, good)


def on(db: Session, group_id: int) -> bool:
    return policy.book(db, group_id).get(KEY, Choice()).mode != "关"


@command("违规抵消 [开关]", who=KEEPERS, deed="改群规", sets=True)
def switch(call: Call, wanted: str | None) -> str:
    """违规以后正常发言满两天抵掉一次，默认开；关掉就只等七天过期。"""
    if wanted is None:
        state = "关" if keeping.in_force(call).get(KEY, Choice()).mode == "关" else "开"
        return f"违规抵消：{state}。违规后正常发言满 {GOOD_DAYS} 天抵掉一次，之后从低一级算起"
    keeping.keep(call, {KEY: read_switch(wanted)}, f"{KEY} {wanted}")
    return f"违规抵消已{wanted}。改回去发{keeping.way_back(call)}"


def read_switch(wanted: str) -> Choice:
    if wanted not in ("开", "关"):
        raise Refused("请写「违规抵消 开」或「违规抵消 关」")
    return Choice(mode=wanted)
