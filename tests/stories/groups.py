"""A company with five groups, as the scenarios have it, and ways to look at its chats."""

from bot.actions import Announce, AnyAction, Say
from bot.people import Address, Member, Role
from tests.build import G1, GUEST, OWNER, ZONE, Company

G2, G3, G4, G5 = (f"fake:1:60000{n}" for n in range(2, 6))
SALES_OWNER, WU = "qianjin", "xiaowu"
NAMES = {
    G2: "华东销售群",
    G3: "华北销售群",
    G4: "总监群",
    G5: "欧洲办公室群",
}


def five_groups(company: Company) -> None:
    """G2 to G5 beside G1; G5 is in Berlin."""
    for key, name in NAMES.items():
        owner = Member(id=SALES_OWNER if key == G2 else OWNER, name="群主", role=Role.OWNER)
        people = [owner, Member(id=WU, name="小吴")]
        region = {G2: "华东", G3: "华北"}.get(key, "")
        zone = "Europe/Berlin" if key == G5 else ZONE
        company.found(name, key, people=people, zone=zone, region=region)


def spread(company: Company, number: int = 1, scope: str = "全公司") -> str:
    """Have an evening announced in more groups, by command and 确认."""
    company.ask(f"@班长 铺开 #{number} 范围={scope}")
    return company.ask("确认")


def posts(actions: list[AnyAction], chat: str = G1) -> list[str]:
    """What went to a chat, in order."""
    return [a.text for a in actions if isinstance(a, Say | Announce) and a.chat == chat]


def whispers(actions: list[AnyAction], to: str, *, through: str = G1) -> list[str]:
    """What was said to somebody in private."""
    private = str(Address.of(through).to(to))
    return [a.text for a in actions if isinstance(a, Say) and a.chat == private]


def where(actions: list[AnyAction], beginning: str) -> list[str]:
    """The group chats that got a post which begins so, each as often as it got one."""
    return [
        a.chat
        for a in actions
        if isinstance(a, Say | Announce)
        and a.text.startswith(beginning)
        and not Address.of(a.chat).direct
    ]


__all__ = ["G1", "G2", "G3", "G4", "G5", "GUEST", "OWNER", "SALES_OWNER", "WU"]
