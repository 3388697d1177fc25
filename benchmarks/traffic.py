"""Made-up talk of study groups, as signed OneBot 11 calls; the same for the same seed."""

import hmac
import random
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum

from msgspec.json import encode

SELF_ID = 10001
SECRET = "benchmark-secret"
BEGIN = 1764000000
FIRST_GROUP, FIRST_MEMBER = 600001, 20001
MEMBERS = 40
OWNER, NOISY = 0, 1
"""Places in a group: who keeps it, and who floods it."""

NOISY_GROUPS = 5
"""Bursts come from few members, so that the ladder is climbed to mutes."""

BURST = 7
"""Messages within as many seconds; the last one is a breach of the default rule."""

_LATELY = 400
"""An event is delivered again while it is among the last so many."""

WHO = ("王总", "李老师", "张经理", "陈姐", "小林", "赵敏", "隔壁组的师兄", "带我的师傅")
WHAT = (
    "客户名单", "报价单", "拜访记录", "产品手册", "晨会纪要", "合同模板", "试用账号", "培训录像",
    "新人手册", "演示稿", "回访表", "学习笔记", "案例分析", "话术清单",
)  # fmt: skip
WHEN = ("今天上午", "昨天下班前", "午饭之后", "刚才开会时", "周一一早", "晚上回家路上", "这两天")
FEEL = (
    "收获挺大",
    "有点没跟上",
    "比想象中难",
    "终于明白了",
    "还想再听一遍",
    "很受启发",
    "信心足了",
)
TALK = (
    "{when}把{what}整理完了，{feel}",
    "{who}讲的那段{what}我记了第{n}页，{feel}",
    "请问{what}的第{n}条怎么理解，我和{who}想的不一样",
    "收到，{when}看",
    "{feel}",
    "第{n}组的{what}放在共享文件夹了，{who}看过一遍",
    "大家{when}有空的话，一起过一下{what}吧",
    "我{when}跟着{who}跑了{n}家客户，对方问得很细，从流程问到售后，{what}要是早点熟悉就好了，{feel}",
    "谢谢{who}，{what}很清楚",
    "{n}号的分享几点开始来着",
    "刚练完第{n}遍开场白，同桌说语速还是快，{when}再练练，顺便把{what}背熟",
    "{who}说先听客户讲完再开口，这点我{when}试了一下，真的不一样，以前总是急着介绍{what}",
    "好的好的",
    "{what}里提到的第{n}个例子，和{who}上次说的是同一家吗？",
)
OFFERS = (
    "兼职日结，轻松赚零花，加V：{id}",
    "代开发票，各行业都有，加微信 {id}",
    "低价转让课程名额，想要的加 vx {id}",
    "论文代写保过，详情加V {id}",
    "招代理零门槛，一件代发，加wx：{id}",
    "内部渠道充值折扣，扫码进群，加V {id}",
)
COMMANDS = ("班长 规则", "/帮助", "@")


class Kind(StrEnum):
    CHAT = "chat"
    AD = "ad"
    BURST = "burst"
    COMMAND = "command"
    AGAIN = "again"


@dataclass(frozen=True, slots=True)
class Call:
    """One event, and the body that is posted. AGAIN has the id and body of an earlier call."""

    kind: Kind
    id: int
    user: int
    body: bytes


def user_id(group: int, member: int) -> int:
    """Nobody is in two groups."""
    return FIRST_MEMBER + MEMBERS * group + member


def card_of(user: int) -> str:
    return f"学员{user}"


def signature(body: bytes) -> str:
    """The X-Signature of a webhook."""
    return "sha1=" + hmac.digest(SECRET.encode(), body, "sha1").hex()


class Traffic:
    """95 % chat, 2 % ads, 1 % in bursts, 1 % commands, 1 % delivered again. Never ends.

    The clock of a group goes on by two to four seconds a message: only a burst is a flood.
    `ads` is their share; more of them leave less chat.
    """

    def __init__(self, groups: int, seed: int = 1, ads: float = 0.02) -> None:
        self._random = random.Random(seed)
        self.ads = ads
        self._clocks = [BEGIN] * groups
        self._ids = 0
        self._lately: deque[Call] = deque(maxlen=_LATELY)
        self._telling: deque[Call] = deque(maxlen=20)
        self._burst: list[tuple[int, int]] = []

    def __iter__(self) -> Iterator[Call]:
        while True:
            call = self._next()
            yield call
            if call.kind is not Kind.AGAIN:
                self._lately.append(call)
            if call.kind in (Kind.AD, Kind.COMMAND):
                self._telling.append(call)

    def _next(self) -> Call:
        if self._burst:
            group, n = self._burst.pop()
            return self._call(Kind.BURST, group, NOISY, f"{self._talk()} {n}", pause=0)
        dice = self._random.random()
        if dice < 0.01 and self._telling:
            again = self._random.choice(self._random.choice((self._lately, self._telling)))
            return Call(Kind.AGAIN, again.id, again.user, again.body)
        group = self._random.randrange(len(self._clocks))
        member = self._random.randrange(NOISY + 1, MEMBERS)
        if dice < 0.02:
            return self._call(Kind.COMMAND, group, member, self._random.choice(COMMANDS))
        if dice < 0.02 + self.ads:
            return self._call(Kind.AD, group, member, self._ad())
        if dice > 1 - 0.01 / BURST:
            noisy = self._random.randrange(min(NOISY_GROUPS, len(self._clocks)))
            self._clocks[noisy] += 30
            self._burst = [(noisy, n) for n in range(BURST)]
        return self._call(Kind.CHAT, group, member, self._talk())

    def _call(self, kind: Kind, group: int, member: int, text: str, pause: int = 2) -> Call:
        self._ids += 1
        self._clocks[group] += self._random.randint(pause, 2 * pause)
        user = user_id(group, member)
        return Call(kind, self._ids, user, self._body(group, user, text))

    def _body(self, group: int, user: int, text: str) -> bytes:
        """The array form of NapCat, with the fields it sends besides those that matter."""
        at = [{"type": "at", "data": {"qq": str(SELF_ID)}}] if text == "@" else []
        words = " 规则" if text == "@" else text
        card = card_of(user)
        return encode(
            {
                "self_id": SELF_ID,
                "user_id": user,
                "time": self._clocks[group],
                "message_id": self._ids,
                "message_seq": self._ids,
                "real_id": self._ids,
                "real_seq": str(self._ids),
                "message_type": "group",
                "sender": {"user_id": user, "nickname": card, "card": card, "role": "member"},
                "raw_message": (f"[CQ:at,qq={SELF_ID}]" if at else "") + words,
                "font": 14,
                "sub_type": "normal",
                "message": [*at, {"type": "text", "data": {"text": words}}],
                "message_format": "array",
                "post_type": "message",
                "group_id": FIRST_GROUP + group,
                "group_name": f"学习{group + 1}群",
            }
        )

    def _talk(self) -> str:
        pick = self._random.choice
        return pick(TALK).format(
            who=pick(WHO), what=pick(WHAT), when=pick(WHEN), feel=pick(FEEL), n=self._number(60)
        )

    def _ad(self) -> str:
        return self._random.choice(OFFERS).format(id=f"kecheng_{self._number(9000)}")

    def _number(self, upto: int) -> int:
        return self._random.randint(2, upto)
