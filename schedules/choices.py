"""What a group chose for the plan of its evenings; kept in its rulebook, so that it is undone."""

from sqlalchemy.orm import Session

from schedules.holidays import Policy
from schedules.steps import NAMED, Choice, Step
from storage import policy as policies
from storage import rulebook
from storage.rulebook import Rulebook

KEY = "步骤 "
HOLIDAYS = "节假日"


def of_group(db: Session, group_id: int) -> dict[Step, Choice]:
    """The steps for which the group wants something else than the table."""
    return read(policies.book(db, group_id))


def read(book: Rulebook) -> dict[Step, Choice]:
    """The steps that a rulebook has something to say about."""
    found = {}
    for key, kept in book.items():
        step = NAMED.get(key.removeprefix(KEY))
        if key.startswith(KEY) and step is not None:
            minutes = kept.params.get("minutes", 0)
            shift = minutes if isinstance(minutes, int) else 0
            found[step] = Choice(on=kept.mode != "关", minutes=shift)
    return found


def key(step_name: str) -> str:
    """How the rulebook names a step."""
    return KEY + step_name


def kept(choice: Choice) -> rulebook.Choice:
    """A choice as the rulebook keeps it."""
    # Both are always said: what is left open would come from above.
    return rulebook.Choice(mode="开" if choice.on else "关", params={"minutes": choice.minutes})


def policy(db: Session, group_id: int) -> Policy:
    """What becomes of an announcement that falls on a day off."""
    return read_policy(policies.book(db, group_id).get(HOLIDAYS))


def read_policy(kept: rulebook.Choice | None) -> Policy:
    """A policy as it was kept, or the usual one."""
    return Policy(str(kept.params["policy"])) if kept and "policy" in kept.params else Policy.AS_IS


def kept_policy(policy: Policy) -> rulebook.Choice:
    """A policy as the rulebook keeps it."""
    return rulebook.Choice(params={"policy": policy.value})
