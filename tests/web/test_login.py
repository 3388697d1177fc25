"""Who gets in, who does not, and for how long."""

import pytest

from bot.web.login import Login, TooManyTries, Visit
from tests.web.visits import HASH, PASSWORD

HOUR = 3600


class Clock:
    def __init__(self) -> None:
        self.seconds = 1_800_000_000.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def login(clock: Clock) -> Login:
    return Login("admin", HASH, "key", clock)


def fail(login: Login, times: int, *, user: str = "admin", address: str = "192.0.2.1") -> None:
    for _ in range(times):
        assert not login.check(user, "wrong", address=address)


def test_the_right_name_and_password_get_in(login: Login) -> None:
    assert login.check("admin", PASSWORD, address="192.0.2.1")
    assert not login.check("admin", PASSWORD + " ", address="192.0.2.1")
    assert not login.check("someone", PASSWORD, address="192.0.2.1")


def test_an_unknown_user_costs_as_much_work_as_a_known_one(
    login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    verified = []
    monkeypatch.setattr(login, "_verify", lambda password: verified.append(password) or False)
    login.check("admin", "one", address="192.0.2.1")
    login.check("someone", "two", address="192.0.2.1")
    assert verified == ["one", "two"]


def test_five_wrong_tries_from_one_address_shut_the_door_for_five_minutes(
    login: Login, clock: Clock
) -> None:
    for name in "abcde":
        fail(login, 1, user=name)
    with pytest.raises(TooManyTries):
        login.check("admin", PASSWORD, address="192.0.2.1")
    assert login.check("admin", PASSWORD, address="192.0.2.2")
    clock.seconds += 301
    assert login.check("admin", PASSWORD, address="192.0.2.1")


def test_a_few_wrong_tries_elsewhere_do_not_keep_hr_out_and_many_do(login: Login) -> None:
    fail(login, 5, address="192.0.2.1")
    assert login.check("admin", PASSWORD, address="198.51.100.7")
    for last in range(10):
        fail(login, 5, address=f"192.0.2.{100 + last}")
    with pytest.raises(TooManyTries):
        login.check("admin", PASSWORD, address="198.51.100.7")


def test_getting_in_wipes_the_slate(login: Login) -> None:
    fail(login, 4)
    assert login.check("admin", PASSWORD, address="192.0.2.1")
    fail(login, 4)
    assert login.check("admin", PASSWORD, address="192.0.2.1")


def test_old_wrong_tries_are_not_kept(login: Login, clock: Clock) -> None:
    for number in range(100):
        clock.seconds += 200
        fail(login, 1, user=f"u{number}", address=f"a{number}")
    assert len(login._tries._wrong) <= 4


def test_a_login_ends_after_twelve_hours(login: Login, clock: Clock) -> None:
    cookie = login.seal(Visit("v1", "admin"))
    clock.seconds += 12 * HOUR
    assert login.read(cookie) == Visit("v1", "admin")
    clock.seconds += 1
    assert login.read(cookie) is None


@pytest.mark.parametrize(
    "user, password_hash, key",
    [("root", HASH, "key"), ("admin", HASH + "=", "key"), ("admin", HASH, "another key")],
)
def test_a_cookie_sealed_under_another_name_password_or_key_is_void(
    login: Login, clock: Clock, user: str, password_hash: str, key: str
) -> None:
    other = Login(user, password_hash, key, clock)
    assert login.read(other.seal(Visit("v1", "admin"))) is None


@pytest.mark.parametrize("cookie", ["", "x", "WyJhIiwiYWRtaW4iXQ.aaaa.bbbb", "密码"])
def test_a_made_up_cookie_is_nobodys(login: Login, cookie: str) -> None:
    assert login.read(cookie) is None


def test_a_form_belongs_to_one_visit(login: Login) -> None:
    mine, other = Visit(), Visit()
    assert login.genuine(mine, login.token(mine))
    assert not login.genuine(mine, login.token(other))
    assert not login.genuine(mine, "")
    assert not login.genuine(mine, "密码")


@pytest.mark.parametrize("password_hash", ["", "=19=65536,t=3,p=4", "plain text"])
def test_without_a_whole_password_hash_nobody_gets_in(password_hash: str) -> None:
    login = Login("admin", password_hash, "key")
    assert not login.ready
    assert not login.check("admin", password_hash, address="192.0.2.1")
    assert not login.check("admin", "", address="192.0.2.1")
