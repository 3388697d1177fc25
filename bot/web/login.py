"""Who is at the keyboard: a password, a signed cookie, and a token in every form."""

import hmac
import secrets
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from argon2 import PasswordHasher, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError
from itsdangerous import BadData, Signer, TimestampSigner, URLSafeTimedSerializer

MAX_AGE = 12 * 3600
"""Seconds that a login lasts."""

WRONG_TRIES = 5
WRONG_TRIES_FROM_EVERYWHERE = 50
WINDOW = 300
"""Seconds in which so many wrong tries shut the door, to an address or for a user.

The second number is large: with a small one anybody could keep HR out.
"""


class TooManyTries(Exception):
    """The password was not even looked at."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One browser, by its cookie. `user` is empty before the login; `id` is new after it."""

    id: str = field(default_factory=lambda: secrets.token_urlsafe(16))
    user: str = ""


class Login:
    """The one HR account of this installation. `clock` gives seconds since 1970.

    The cookies are void once the password, the user's name or the key changes.
    """

    def __init__(
        self, user: str, password_hash: str, key: str, clock: Callable[[], float] = time.time
    ) -> None:
        self.user = user
        self.ready = _well_formed(password_hash)
        self._hash = password_hash
        self._hasher = PasswordHasher()
        self._tries = _Tries(clock)
        # One password at a time: each takes 64 MB, and nobody gets past the count by being quick.
        self._verifying = threading.Lock()
        secret = f"{key}\n{user}\n{password_hash}"
        self._cookies = URLSafeTimedSerializer(
            secret,
            salt="login",
            signer=_ClockSigner,
            signer_kwargs={"clock": clock, "digest_method": sha256},
        )
        self._forms = Signer(secret, salt="form", digest_method=sha256)

    def check(self, user: str, password: str, *, address: str) -> bool:
        """Whether this is the user and the password; an unknown user takes as long as a known one.

        Raises TooManyTries.
        """
        keys = {
            f"address {address}": WRONG_TRIES,
            f"user {user[:100]}": WRONG_TRIES_FROM_EVERYWHERE,
        }
        with self._verifying:
            if any(self._tries.shut(key, limit) for key, limit in keys.items()):
                raise TooManyTries
            known = hmac.compare_digest(user.encode(), self.user.encode())
            right = self.ready and self._verify(password)
            if known and right:
                self._tries.forget(keys)
            else:
                self._tries.note(keys)
            return known and right

    def _verify(self, password: str) -> bool:
        try:
            return self._hasher.verify(self._hash, password)
        except VerificationError:
            return False

    def seal(self, visit: Visit) -> str:
        """The cookie of a visit."""
        return str(self._cookies.dumps([visit.id, visit.user]))

    def read(self, cookie: str) -> Visit | None:
        """The visit of a cookie; None when we did not seal it or it is too old."""
        try:
            name, user = self._cookies.loads(cookie, max_age=MAX_AGE)
        except BadData:
            return None
        return Visit(name, user)

    def token(self, visit: Visit) -> str:
        """What a form of this visit carries, so that no other site can post it."""
        return self._forms.get_signature(visit.id).decode()

    def genuine(self, visit: Visit, token: str) -> bool:
        return self._forms.verify_signature(visit.id, token)


class _ClockSigner(TimestampSigner):
    def __init__(self, *args: Any, clock: Callable[[], float], **options: Any) -> None:
        super().__init__(*args, **options)
        self._clock = clock

    def get_timestamp(self) -> int:
        return int(self._clock())


class _Tries:
    """Wrong tries of the last minutes."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._wrong: dict[str, list[float]] = {}

    def shut(self, key: str, limit: int) -> bool:
        return len(self._recent(key)) >= limit

    def note(self, keys: Iterable[str]) -> None:
        recent = {key: self._recent(key) for key in self._wrong}
        self._wrong = {key: tries for key, tries in recent.items() if tries}
        for key in keys:
            self._wrong.setdefault(key, []).append(self._clock())

    def forget(self, keys: Iterable[str]) -> None:
        for key in keys:
            self._wrong.pop(key, None)

    def _recent(self, key: str) -> list[float]:
        since = self._clock() - WINDOW
        return [tried for tried in self._wrong.get(key, ()) if tried > since]


def _well_formed(password_hash: str) -> bool:
    try:
        extract_parameters(password_hash)
    except InvalidHashError:
        return False
    return True
