"""A rule that people overturn too often steps back by itself to asking, and says so."""

from datetime import timedelta

from msgspec.structs import replace

from bot import wording
from bot.actions import AnyAction, Say
from handlers.commands import Call
from rules.engine import Mode
from schedules import places
from storage import policy, rulebook, strikes
from storage.rulebook import Choice

SHARE = 0.05
LEAST = 20
"""Acts before a share means anything."""

WINDOW = timedelta(days=30)


def check(call: Call, rule: str) -> list[AnyAction]:
    """To be called when an act of a rule was overturned; tells the owners when it steps back."""
    wrong, all_of_them = strikes.overturned(
        call.db, group_id=call.group.id, rule=rule, since=call.now - WINDOW
    )
    before = rulebook.book(call.db, call.group.id).get(rule, Choice())
    acts = policy.book(call.db, call.group.id).get(rule, Choice()).mode in ("", Mode.ENFORCE)
    if all_of_them < LEAST or wrong / all_of_them <= SHARE or not acts:
        return []
    rulebook.change(
        call.db,
        group_id=call.group.id,
        choices={rule: replace(before, mode=Mode.ASK)},
        author="",
        author_name="班长",
        what=f"{rule} 退到询问：{all_of_them} 次里 {wrong} 次被推翻",
        now=call.now,
    )
    words = wording.render("stepped_back", rule=rule, wrong=wrong, all=all_of_them)
    owners = places.owners(call.db, call.group)
    return [Say(chat=one.chat, text=words, via=one.via) for one in owners]
