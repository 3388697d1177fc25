"""After a lost answer or a crash: whether a post is there, as far as the platform lets us see."""

import html
import logging
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum

from bot.actions import Announce, AnyAction, Say
from bot.events import Message
from bot.gateways.contract import Failed, Gateway, KnowsBoard, KnowsHistory, TryLater, Unreadable
from bot.people import Address
from storage.outbox import Delivery

log = logging.getLogger(__name__)

SLACK = timedelta(minutes=2)
"""So far a platform's clock may be from ours."""

WHOLE = 10
"""A history shorter than this was not cut off: it is all that was ever said."""


class Seen(Enum):
    THERE = "there"
    ABSENT = "absent"
    UNSURE = "unsure"


@dataclass(frozen=True, slots=True)
class Finding:
    """What a look into the chat showed; `id` is the platform's, where it is there."""

    seen: Seen
    id: str = ""


UNSURE = Finding(Seen.UNSURE)


async def find(
    gateway: Gateway | None,
    delivery: Delivery,
    *,
    echoes: Sequence[Message],
    taken: Collection[str],
) -> Finding:
    """Look for a post that was claimed and never noted.

    `echoes` are our own messages that the platform told us of since; `taken` the ids that other
    deliveries have as their receipts, for the same words may have been posted before.
    """
    action = delivery.what
    if not isinstance(action, Say | Announce):
        return UNSURE
    if echo := _match(action, echoes, taken):
        return Finding(Seen.THERE, echo)
    try:
        return await _look(gateway, delivery, action, taken)
    except (Failed, TryLater, Unreadable) as no:
        log.info("%s cannot be looked up: %s", delivery.key, no)
    except Exception:
        log.exception("a gateway broke on looking up %s", delivery.key)
    return UNSURE


async def _look(
    gateway: Gateway | None, delivery: Delivery, action: Say | Announce, taken: Collection[str]
) -> Finding:
    if Address.of(action.chat).direct:
        return UNSURE
    if isinstance(action, Announce):
        if not isinstance(gateway, KnowsBoard):
            return UNSURE
        return _on_board(action, await gateway.board(action.chat), taken)
    if not isinstance(gateway, KnowsHistory):
        return UNSURE
    return _in_history(delivery, action, await gateway.history(action.chat), taken)


def _on_board(action: Announce, board: Mapping[str, str], taken: Collection[str]) -> Finding:
    found = (
        id for id, text in board.items() if id not in taken and bare(text) == bare(action.text)
    )
    id = next(found, None)
    return Finding(Seen.THERE, id) if id else Finding(Seen.ABSENT)


def _in_history(
    delivery: Delivery, action: Say, history: Sequence[Message], taken: Collection[str]
) -> Finding:
    if id := _match(action, history, taken):
        return Finding(Seen.THERE, id)
    if not history or delivery.claimed is None:
        return UNSURE
    reaches_back = history[0].at < delivery.claimed - SLACK or len(history) < WHOLE
    return Finding(Seen.ABSENT) if reaches_back else UNSURE


def _match(action: AnyAction, said: Sequence[Message], taken: Collection[str]) -> str:
    """The id of our own message with these words, the newest first."""
    assert isinstance(action, Say | Announce)
    us, words = Address.of(action.chat).account, bare(action.text)
    for message in reversed(said):
        ours = message.own or message.member == us
        if ours and message.id not in taken and bare(message.text) == words:
            return message.id
    return ""


def bare(text: str) -> str:
    """Words without blanks and entities, which platforms handle in ways of their own."""
    return "".join(html.unescape(text).split())
