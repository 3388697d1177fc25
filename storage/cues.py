"""What a line is by its wording: a question, small talk, a new subject, the host's cue."""

import re

TELLING = 8
"""So many letters and digits, small talk aside, tell something."""

_PLACEHOLDER = re.compile(
    r"\[文件\].*|\[卡片\].*|\[撤回[^\]]*\]|"
    r"\[(?:图片|语音|视频|文件|聊天记录|卡片|表情)[^\]\n]{0,20}\](?:\s*转文字[:：])?"
)
_CALLED = re.compile(r"^(?:@\S{1,40}(?:\s+|$))+")
_NAMED = re.compile(r"^(?:@|回复|回答|回|刚才|刚刚|\s)+")
_LETTER = re.compile(r"[^\W_]")
_FACE = re.compile(r"\[[\u4e00-\u9fff]{1,4}\]")

_PLEASANTRY = re.compile(
    r"(?:大家|各位|老师|同学们?|朋友们?)?(?:早上|下午|晚上)?好(?=$|\W)|晚上好|你好|您好|欢迎|"
    r"谢谢|感谢|多谢|辛苦|收到|学到|学习|受教|厉害|太?棒了?|真?赞|鼓掌|撒花|6{2,}|牛+|"
    r"[哈嘿呵嘻]+|[嗯哦噢啊呀哇]+|好的|好滴|好嘞|是的|对的|没错|明白|懂了|ok|来了|"
    r"老师|各位|大家|今天|今晚|晚安|再见|拜拜|明天见|下次见|期待|[的了吧呢]",
    re.IGNORECASE,
)
_SIGN_OFF = re.compile(
    r"随便(?:聊|讲|说)|讲完|(?:就|先)(?:讲|说|聊|分享)?到这|下次再?[讲聊说]|时间到了|时间关系"
)

_ASKS_SURELY = re.compile(r"[?？]|吗(?=\W|$)")
_ASKS = re.compile(
    r"么\W*$|呢\W*$|请问|请教|想问|问一?下|求问|咨询|想了解|想知道|"
    r"为什么|为啥|能不能|能否|可否|是否|可不可以|"
    r"(?<![时动])([\u4e00-\u9fff])[不没]\1|"
    r"怎么|怎样|咋|如何|什么|啥|多少|多[久大远长高重快]|几[个次天年点月号家步]|"
    r"哪[个些里儿种家天位]|谁|求推荐|(?:讲讲|说说|聊聊|谈谈|展开说|介绍一?下|分享一?下)"
)
_ASKS_NOT = re.compile(
    r"没什么|什么都|啥都|怎么都|谁都|不管|无论|随便|多少有|什么的|再怎么|"
    r"(?<![不想])(?:听听|看看|明白|懂得?|学会|学到|来学|知道|告诉).{0,10}"
    r"(?:怎么|怎样|咋|如何|什么|啥|为啥|多少|哪|谁)"
)
_IDLE = re.compile(
    r"(?:真的|是|对|不会|这么.{0,3}|还能这样|还可以这样|可以|有人|在|听得[到见清楚]+|看得[到见清]+)?"
    r"[吗吧啊嘛么]*\W*"
)
_HOSTS = re.compile(
    r"(?:还有|有没有|有什么|谁有|大家有|哪位有).{0,6}(?:问题|想问|要问)|听得[到见清]|看得[到见清]|"
    r"准备好|谁先|哪位先|谁来|有问题.{0,4}吗|请.{0,6}(?:回答|解答|讲讲|说说)|好问题|这个问题|"
    r"感谢|谢谢|辛苦|时间(?:差不多|关系|到)|到这里|结束|下一个|最后一个|欢迎"
)

_CLOSES = re.compile(r"感谢|谢谢|辛苦|到这里|结束")
_GOES_ON = re.compile(r"继续|下一|还有|最后一个")

_ONE_MESSAGE = re.compile(
    r"(?:有人|同学|同事|朋友|群友|刚才|刚刚|私信|后台|[经总常]有人|被).{0,8}"
    r"问[^?？]{2,60}[?？]\s*(?=\S.{7})",
    re.DOTALL,
)
_SUPPLEMENTS = re.compile(r"补充|加一[句点条]")
_ADDS = re.compile(
    r"补充|加一[句点条]|单独说|另外[说提]|我们(?:这边|公司|部门|组)|我(?:之前|以前|一般|自己|遇到过)"
)

_SUBJECT = re.compile(
    r"第[一二三四五六七八九十\d]+(?!次|年|天|家|名|张|个月|时间)|首先|其次|再次|再[讲说]|"
    r"(?:好|那|然后|OK)?[，,。 ]*(?:接下来|接着|下面|下一)|另外|还有一|最后|"
    r"[1-9一二三四五六七八九][.、．)）](?!\d)|[①-⑨]|[Qq]\d"
)
_OPENS_ASKING = re.compile(
    r"提问|答疑|问答|[Qq] ?& ?[Aa]|自由交流|互动(?:环节|时间)|可以问|"
    r"(?:有|什么)(?:问题|想问).{0,8}(?:[问提发]|吗)"
)
_NOT_YET = re.compile(r"随时|等会|待会|稍后|一会|之后|最后|后面|结束后|点(?:以后|开始)|再提问")
_STRESS = re.compile(
    r"记住|记得|关键|重点|核心|最重要|一定|千万|必须|不要|别|切记|所以|因此|总结|本质|原则|"
    r"第[一二三四五六七八九十]|首先|其次|其实|建议|秘诀|窍门|经验|教训|最怕|最大的|先.{1,12}[再后]|"
    r"不是.{1,16}(?:而)?是|[一二三四五六七八九十两]个?(?:步|件事|点|招|种|条)"
)
_STORY = re.compile(r"有一?次|有一[回天]|那[次回天]|当时|去年|上个月|有个[^，]{0,8}[人客同学小]")
_NUMBER = re.compile(r"\d+(?:\.\d+)?\s*[%％‰a-zA-Z\u4e00-\u9fff]?")


def spoken(text: str) -> str:
    """The words of a bubble as they were typed; empty for a picture."""
    return _CALLED.sub("", _PLACEHOLDER.sub(" ", text).strip()).strip()


def addressed(text: str) -> str:
    """The text from the name of whoever it is said to, if it begins with one."""
    return _NAMED.sub("", text)


def substance(words: str) -> int:
    """Letters and digits that are left when greetings, thanks and applause are taken away."""
    if len(words) < 20 and _SIGN_OFF.search(words):
        return 0
    return len(_LETTER.findall(_PLEASANTRY.sub("", _FACE.sub("", words))))


def asks(words: str) -> bool:
    """Whether this wants an answer; a listener's `真的吗` does not."""
    if len(_LETTER.findall(words)) < 3 or _IDLE.fullmatch(words):
        return False
    return bool(_ASKS_SURELY.search(words) or _ASKS.search(_ASKS_NOT.sub("", words)))


def asks_surely(words: str) -> bool:
    """Asking in so many words; what a host announces may only sound like a question."""
    return asks(words) and bool(_ASKS_SURELY.search(words) or "问" in words)


def polar(words: str) -> bool:
    """A question that yes or no would answer."""
    return bool(re.search(r"吗|[不没]\w|是否|能否|可否", words))


def hosts(words: str) -> bool:
    """What a host says to lead through the evening: asking for questions, thanking, closing."""
    return bool(_HOSTS.search(words)) or opens_asking(words)


def closes(words: str) -> bool:
    """The host's last words, after which no question is taken up in turn."""
    return bool(_CLOSES.search(words)) and not (_GOES_ON.search(words) or opens_asking(words))


def opens_asking(words: str) -> bool:
    """The cue with which questions begin; not the announcement that they will."""
    return bool(_OPENS_ASKING.search(words)) and not _NOT_YET.search(words)


def new_subject(words: str) -> bool:
    return bool(_SUBJECT.match(words))


def stress(words: str) -> float:
    """How much the wording says that this matters: around 1, less for a story."""
    marks = len({found[0] for found in _STRESS.finditer(words)})
    figures = len(_NUMBER.findall(words))
    story = 0.75 if _STORY.search(words) else 1
    return story * (1 + 0.15 * min(marks, 3) + 0.08 * min(figures, 3))


def tells(words: str) -> bool:
    return substance(words) >= TELLING


def adds(words: str) -> bool:
    """A listener adding to what was just answered."""
    return bool(_ADDS.search(words)) and tells(words)


def supplements(words: str) -> bool:
    """Adding in so many words, as an asker may who knows the answer."""
    return bool(_SUPPLEMENTS.search(words))


def question_end(words: str) -> int:
    """Where the answer begins in 有人问……？其实……; 0 when it is not both in one message."""
    found = _ONE_MESSAGE.search(words)
    return found.end() if found else 0
