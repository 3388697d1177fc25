"""How fast posts may follow each other: gaps in a lane, and a platform's limit for an account."""

import random
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.actions import Announce, AnyAction, Say, SendFile
from bot.gateways.contract import Gateway, Limit
from bot.people import Address
from storage.claims import Ready
from storage.outbox import Delivery

BETWEEN_CHATS = 2.5
"""Posts to one chat after another go this much slower than answers in one chat."""


class Bucket:
    """A token bucket that keeps a limit in every minute, however the minutes are counted.

    It holds `burst` tokens and refills by the rest of the limit in a minute.
    """

    def __init__(self, limit: Limit, now: datetime) -> None:
        self._most = float(min(limit.burst, limit.per_minute))
        self._per_second = max(limit.per_minute - self._most, 1.0) / 60
        self._tokens = self._most
        self._filled = now

    def has(self, now: datetime, count: int = 1) -> bool:
        """Whether so many may go at once. A clock that was set back fills nothing."""
        passed = max((now - self._filled).total_seconds(), 0.0)
        self._tokens = min(self._most, self._tokens + passed * self._per_second)
        self._filled = now
        # A refill is a sum of fractions: the last one may leave it a hair below a whole token.
        return self._tokens >= count - 1e-6

    def take(self, now: datetime) -> None:
        self.has(now)
        self._tokens -= 1


class Pacing:
    """Says which delivery may go now, one into each lane that is free."""

    def __init__(self, gateways: Mapping[str, Gateway]) -> None:
        self._gateways = gateways
        self._cool: dict[str, datetime] = {}
        self._buckets: dict[str, Bucket] = {}

    def cooling(self, now: datetime) -> bool:
        """Whether anything that waits now may go in a moment."""
        return bool(self._buckets) or any(until > now for until in self._cool.values())

    def lanes(self, now: datetime) -> Callable[[Ready], bool]:
        """Whether a delivery may go, asked in order of urgency; each yes fills a lane.

        What has no pace does not wait for what has: a recall goes past a queue of answers.
        """
        taken = {lane for lane, until in self._cool.items() if until > now}
        counted: dict[str, int] = {}

        def may(ready: Ready) -> bool:
            action = ready.what
            gateway = self._gateways.get(Address.of(ready.chat).platform)
            account = account_of(ready.chat)
            if gateway is None or (
                not ready.step and gateway.pace(action) == 0 and account not in taken
            ):
                return gateway is None or self._within(gateway, account, action, counted, now)
            lane = _lane(ready)
            if lane in taken or account in taken:
                return False
            if not self._within(gateway, account, action, counted, now):
                return False
            if gateway.pace(action):
                taken.add(lane)
            return True

        return may

    def _within(
        self,
        gateway: Gateway,
        account: str,
        action: AnyAction,
        counted: dict[str, int],
        now: datetime,
    ) -> bool:
        if gateway.limit is None or not spoken(action):
            return True
        bucket = self._buckets.setdefault(account, Bucket(gateway.limit, now))
        if not bucket.has(now, counted.get(account, 0) + 1):
            return False
        counted[account] = counted.get(account, 0) + 1
        return True

    def took(self, delivery: Delivery, now: datetime) -> None:
        """One is on its way: it counts against the account's limit from now on."""
        if spoken(delivery.what) and (bucket := self._buckets.get(account_of(delivery.chat))):
            bucket.take(now)

    def sent(self, gateway: Gateway, delivery: Delivery, now: datetime) -> None:
        """Leave a gap after it; jitter, so that it does not look like clockwork."""
        seconds = gateway.pace(delivery.what) * (BETWEEN_CHATS if delivery.step else 1)
        if seconds:
            gap = timedelta(seconds=seconds * random.uniform(0.5, 1.5))
            self._cool[_lane(delivery)] = now + gap

    def pause(self, chat: str, seconds: float, now: datetime) -> None:
        """The platform wants to hear nothing from this account for a while."""
        self._cool[account_of(chat)] = now + timedelta(seconds=seconds)


def seconds_between(gateway: Gateway) -> float:
    """Seconds from one post of an account to the next in another chat, on average."""
    gap = gateway.pace(Say(chat="a:b:c", text="")) * BETWEEN_CHATS
    return max(gap, 60 / gateway.limit.per_minute if gateway.limit else 0.0)


def spoken(action: AnyAction) -> bool:
    """Whether members see it as a message."""
    return isinstance(action, Say | SendFile | Announce)


def account_of(chat: str) -> str:
    address = Address.of(chat)
    return f"{address.platform}:{address.account}"


def _lane(delivery: Delivery | Ready) -> str:
    """What is paced together: answers by chat, posts to many chats by our account."""
    return f"posts of {account_of(delivery.chat)}" if delivery.step else delivery.chat
