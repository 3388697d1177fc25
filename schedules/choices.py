"""What a group chose for the plan of its evenings; kept in its rulebook, so that it is undone."""

from sqlalchemy.orm import Session

from schedules.holidays import Policy
from schedules.steps import NAMED, Choice, Step
from storage import rulebook
from storage.rulebook import Rulebook

_KEY = "步骤 "
_HOLIDAYS = "节假日"


def of_group(db: Session, group_id: int) -> dict[Step, Choice]:
    """The steps for which the group wants something else than the table."""
    return _read(rulebook.book(db, group_id))


def _read(book: Rulebook) -> dict[Step, Choice]:
    found = {}
    for key, kept in book.items():
        step = NAMED.get(key.removeprefix(_KEY))
        if key.startswith(_KEY) and step is not None:
            minutes = kept.params.get("minutes", 0)
            shift = minutes if isinstance(minutes, int) else 0
            found[step] = Choice(on=kept.mode != "关", minutes=shift)
    return found


def key(step_name: str) -> str:
    """How the rulebook names a step."""
    return _KEY + step_name


def kept(choice: Choice) -> rulebook.Choice:
    """A choice as the rulebook keeps it."""
    params: dict[str, object] = {"minutes": choice.minutes} if choice.minutes else {}
    return rulebook.Choice(mode="" if choice.on else "关", params=params)


def policy(db: Session, group_id: int) -> Policy:
    """What becomes of an announcement that falls on a day off."""
    kept = rulebook.book(db, group_id).get(_HOLIDAYS)
    return Policy(str(kept.params["policy"])) if kept and "policy" in kept.params else Policy.AS_IS


def holiday_key() -> str:
    """How the rulebook names the policy for days off."""
    return _HOLIDAYS


def kept_policy(policy: Policy) -> rulebook.Choice:
    """A policy as the rulebook keeps it."""
    return rulebook.Choice(params={"policy": policy.value})
