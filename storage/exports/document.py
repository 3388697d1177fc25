"""A summary ready to be written out: its facts and sections, and the source of every line."""

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from msgspec import Struct

from bot import times
from storage.masking import readable
from storage.summary import Draft
from storage.transcript import Line

NO_SOURCE = "原消息已不可查"
AFTERWARDS = "嘉宾会后私聊更正"
NOTHING = "（无）"

_NAME_LENGTH = 24
_FILE_PART = {"guest": 20, "topic": 36}
_NOT_IN_FILE_NAMES = re.compile(r"[^\w（）《》+·、，-]+")


class Document(Struct, frozen=True, kw_only=True):
    """One version of an evening's summary. `sources` are the lines the draft cites, by id.

    `letterhead` is the company's own Word sheet, empty where there is none.
    """

    number: int
    topic: str
    guest: str
    group: str
    starts: datetime
    ends: datetime
    zone: str
    version: int
    draft: Draft
    sources: Mapping[int, Line]
    approved_by: str = ""
    approved_at: datetime | None = None
    attendance: int | None = None
    letterhead: bytes = b""

    @property
    def title(self) -> str:
        return readable(f"《{self.topic}》要点与问答")


class Printed(Struct, frozen=True):
    """One line on paper: what it is (问, 答, a number), the words, and where they come from."""

    label: str
    text: str
    source: str


class Section(Struct, frozen=True):
    """Entries of one or two lines each, as a question with its answer."""

    title: str
    entries: tuple[tuple[Printed, ...], ...]


class Source(Struct, frozen=True):
    number: int
    at: str
    who: str
    words: str


def heading(document: Document) -> str:
    """What stands above every page."""
    return readable(f"{document.group} 嘉宾分享 #{document.number}")


def facts(document: Document) -> list[tuple[str, str]]:
    """What the head of the page says, as names and values."""
    starts, ends = (times.local(one, document.zone) for one in (document.starts, document.ends))
    rows = [
        ("主题", document.topic),
        ("嘉宾", document.guest),
        ("群", document.group),
        ("时间", f"{starts:%Y}-{times.show_moment(document.starts, document.zone)}–{ends:%H:%M}"),
        ("编号", f"#{document.number} 第 {document.version} 版"),
        ("审核", _approval(document)),
    ]
    if document.attendance is not None:
        rows.append(("发言", f"{document.attendance} 人"))
    return [(name, readable(value)) for name, value in rows]


def _approval(document: Document) -> str:
    if document.approved_at is None:
        return "草稿，尚未审核"
    return f"{document.approved_by} {times.show_moment(document.approved_at, document.zone)}"


def sections(document: Document) -> list[Section]:
    draft = document.draft

    def line(label: str, text: str, ids: Iterable[int]) -> Printed:
        return Printed(label, readable(text), cite(document, ids))

    points = (
        (line(f"{n}.", one.text, one.ids), *_corrected([one.note]))
        for n, one in enumerate(draft.points, 1)
    )
    pairs = ((line("问", one.q, one.q_ids), line("答", one.a, one.a_ids)) for one in draft.qa)
    left = [(line("待办", one.text, one.ids),) for one in draft.follow_ups]
    unanswered = [(line("未答", _words(document, one), [one]),) for one in draft.unpaired]
    notes = tuple((one,) for one in _corrected(draft.notes))
    return [
        Section("要点", tuple(points)),
        Section("问答", tuple(pairs)),
        Section("待跟进", (*left, *unanswered)),
        *([Section("嘉宾更正", notes)] if notes else ()),
    ]


def _corrected(notes: Iterable[str]) -> list[Printed]:
    """What the guest put right after the evening, in private and so without a line to cite."""
    return [Printed("嘉宾更正", readable(note), AFTERWARDS) for note in notes if note]


def _words(document: Document, number: int) -> str:
    source = document.sources.get(number)
    return source.text if source else NO_SOURCE


def sources(document: Document) -> list[Source]:
    """The cited messages in the order they were said, numbered from 1."""
    return [
        Source(number, _clock(document, line), _who(line), readable(line.text))
        for number, line in enumerate(cited(document), 1)
    ]


def cite(document: Document, ids: Iterable[int]) -> str:
    """方姐 19:42、19:43，豆豆 19:44（来源 3、4、5）, with the numbers of `sources`."""
    numbers = {line.id: number for number, line in enumerate(cited(document), 1)}
    lines = [document.sources[one] for one in ids if one in document.sources]
    if not lines:
        return NO_SOURCE
    clocks: dict[str, dict[str, None]] = {}
    for line in lines:
        clocks.setdefault(_who(line), {})[_clock(document, line)] = None
    said = "，".join(f"{who} {'、'.join(at)}" for who, at in clocks.items())
    shown = "、".join(str(numbers[line.id]) for line in lines)
    return f"{said}（来源 {shown}）"


def cited(document: Document) -> list[Line]:
    """Every message that the draft rests on, in the order they were said."""
    draft = document.draft
    ids = {
        *(number for point in draft.points for number in point.ids),
        *(number for task in draft.follow_ups for number in task.ids),
        *(number for one in draft.qa for number in (*one.q_ids, *one.a_ids)),
        *draft.unpaired,
    }
    found = (document.sources[number] for number in ids if number in document.sources)
    return sorted(found, key=lambda line: (line.at, line.id))


def _clock(document: Document, line: Line) -> str:
    return f"{times.local(line.at, document.zone):%H:%M}"


def _who(line: Line) -> str:
    return readable(line.who)[:_NAME_LENGTH] or readable(line.member)[:_NAME_LENGTH]


def file_name(document: Document, extension: str) -> str:
    """20261126_嘉宾分享_方姐_我的第一单_v1.docx, with nothing a file system or a shell reads."""
    day = f"{times.local(document.starts, document.zone):%Y%m%d}"
    guest = _file_part(document.guest, _FILE_PART["guest"]) or "嘉宾"
    topic = _file_part(document.topic, _FILE_PART["topic"]) or "主题"
    return f"{day}_嘉宾分享_{guest}_{topic}_v{document.version}.{extension}"


def _file_part(text: str, length: int) -> str:
    return _NOT_IN_FILE_NAMES.sub("", readable(text).replace("*", "x"))[:length].strip("-_·")
