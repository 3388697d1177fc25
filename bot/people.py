"""Who: roles, members, and the address of a conversation."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple, Self

from msgspec import Struct


class Role(StrEnum):
    """What a person may do; people hold a set of roles, there is no ladder."""

    MEMBER = "member"
    MENTOR = "mentor"
    GUEST = "guest"
    HOST = "host"
    DEPUTY = "deputy"
    OWNER = "owner"
    MANAGER = "manager"
    AUDITOR = "auditor"
    HR = "hr"
    HR_LEAD = "hr_lead"
    IT = "it"


ROLE_NAMES = {
    Role.MEMBER: "成员",
    Role.MENTOR: "导师",
    Role.GUEST: "嘉宾",
    Role.HOST: "主持人",
    Role.DEPUTY: "副群主",
    Role.OWNER: "群主",
    Role.MANAGER: "主管",
    Role.AUDITOR: "审计",
    Role.HR: "HR",
    Role.HR_LEAD: "HR 负责人",
    Role.IT: "IT",
}

PROTECTED = frozenset(
    {Role.OWNER, Role.DEPUTY, Role.HR, Role.HR_LEAD, Role.IT, Role.MENTOR, Role.GUEST, Role.HOST}
)
"""Never touched by an automatic act."""


class Member(Struct, frozen=True, kw_only=True):
    """One account in one chat, as far as we know it."""

    id: str
    name: str = ""
    role: Role = Role.MEMBER
    joined: datetime | None = None


class Address(NamedTuple):
    """The parts of a chat key such as `onebot:10001:600001`.

    A direct chat with a person is written with an @: `onebot:10001:@20002`.
    """

    platform: str
    account: str
    target: str

    @classmethod
    def of(cls, key: str) -> Self:
        """Read a chat key. Raises ValueError when it does not have three parts."""
        platform, account, target = key.split(":", 2)
        if not (platform and account and target.removeprefix("@")):
            raise ValueError(f"not a chat key: {key!r}")
        return cls(platform, account, target)

    @property
    def direct(self) -> bool:
        return self.target.startswith("@")

    @property
    def person(self) -> str:
        """The platform's id of the person at the other end of a direct chat."""
        return self.target.removeprefix("@")

    def to(self, member: str) -> "Address":
        """The direct chat with a member, through the same account of ours."""
        return Address(self.platform, self.account, f"@{member}")

    def __str__(self) -> str:
        return ":".join(self)
