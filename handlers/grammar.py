"""Reading a line of chat as a command: usage lines, numbers, days and options. Pure."""

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any, NamedTuple, get_type_hints

from bot import times


class Number(int):
    """The number of an evening, written 12, #12 or 12号."""


class Code(str):
    """The receipt of one act, such as 8K2."""


class Place(NamedTuple):
    """Where one post of an evening goes, written 12-G6 or 12-朋友圈."""

    number: int
    name: str

    def __str__(self) -> str:
        return f"{self.number}-{self.name}"


Options = dict[str, str]
"""What was given as 键=值."""


class Misread(Exception):
    """A line began like a command and could not be read to the end, in words for the writer."""


_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}
_NUMBER = re.compile(r"#?\s*(\d{1,9})号?")
_PLACE = re.compile(r"#?\s*(\d{1,9})\s*[-_—]\s*(\S{1,50})")
_RECEIPT = re.compile(r"[2-9A-HJKMNP-Z]{3}")
_LEADING = re.compile(r"#\s*\d{1,9}(?!\d)|\d{1,9}号(?=\s)")
_COMMAS = ",，;；、"
_ONE_WORD = frozenset({"时间", "日期", "账号", "确认", "另外", "揭晓"})
"""Options whose value ends at the first space; the others go on to the next option."""

_HIDDEN = ("确认", "另外")
"""Options that the bot itself writes, in what it offers; the help does not show them."""

_LOOSE = (
    (re.compile(r"[#＃]\s+(?=[\d０-９])"), "#"),
    (re.compile(r"(?<=\S)《"), " 《"),
    (re.compile(r"(\d{1,2})\s*月\s*(\d{1,2})\s*([日号])"), r"\1月\2\3"),
)


def narrow(line: str) -> str:
    """Full width to half width, one character for one, so that positions stay."""
    return line.translate(_WIDE)


@dataclass(frozen=True, slots=True)
class Usage:
    """A usage line such as `嘉宾 安排 <日期> <嘉宾> <主题> [时间=]`.

    `<…>` must be there, `[…]` may, `[…=]` is an option written 时间=20:00-21:00.
    """

    line: str
    words: tuple[str, ...]
    names: tuple[str, ...]
    required: int
    options: tuple[str, ...]
    kinds: tuple[type, ...] = field(default=())

    @classmethod
    def of(cls, line: str, function: Callable[..., Any]) -> "Usage":
        """Read the usage line. Raises TypeError when the function takes other arguments."""
        words = tuple(re.match(r"[^<\[]*", line)[0].split())  # type: ignore[index]
        names = tuple(re.findall(r"[<\[]([^=<>\[\]]+)[>\]]", line))
        required = len(re.findall(r"<[^<>]+>", line))
        options = tuple(re.findall(r"\[([^=\[\]]+)=\]", line))
        kinds = _kinds(function)
        for hidden in _HIDDEN:
            line = line.replace(f" [{hidden}=]", "")
        if len(kinds) != len(names) + bool(options):
            raise TypeError(f"「{line}」 does not fit the arguments of {function.__name__}")
        return cls(line, words, names, required, options, kinds[: len(names)])

    def values(self, rest: str, *, today: date) -> list[Any]:
        """The arguments in `rest`. Raises Misread when they do not fit."""
        for loose, tight in _LOOSE:
            rest = loose.sub(tight, rest)
        rest, options = _take_options(rest, self.options)
        rest, number = self._leading(rest)
        parts = self._split(rest, 1 if number else 0)
        if len(parts) < self.required:
            raise Misread(f"还差「{self.names[len(parts)]}」。写法：{self.line}")
        slots: list[str | None] = [*parts, *[None] * (len(self.names) - len(parts))]
        if number:
            slots.insert(self.kinds.index(Number), number)
        pairs = zip(self.kinds, slots, strict=False)
        values = [None if part is None else _read(kind, part, today) for kind, part in pairs]
        return [*values, options] if self.options else values

    def _leading(self, rest: str) -> tuple[str, str]:
        """The number of an evening may stand first wherever the usage line has it."""
        number = _LEADING.match(narrow(rest))
        if number is None or Number not in self.kinds[1:] or self.kinds[0] is Number:
            return rest, ""
        return rest[number.end() :].strip(), number[0]

    def _split(self, rest: str, known: int) -> list[str]:
        """The words of a line; `known` of those that are asked for were given before."""
        wanted = len(self.names) - known
        takes_rest = bool(self.kinds) and self.kinds[-1] is str
        parts = rest.split(None, wanted - 1) if takes_rest else rest.split()
        if len(parts) > wanted:
            raise Misread(f"多了「{parts[wanted]}」。写法：{self.line}")
        return [part.strip() for part in parts]


def after(words: Iterable[str], line: str) -> str | None:
    """What follows these words at the start of a line; None when it starts otherwise.

    The number of an evening may stand before them, and may stick to the last of them.
    """
    narrowed = narrow(line)
    number = _LEADING.match(narrowed)
    start = number.end() if number else 0
    pattern = r"\s*" + r"\s+".join(re.escape(word) for word in words)
    found = re.compile(pattern + r"(?=\s|$|#|[::]|\d)", re.IGNORECASE).match(narrowed, start)
    if not found:
        return None
    rest = line[found.end() :].lstrip().removeprefix(":").removeprefix("：").strip()
    return f"{line[: number.end()]} {rest}".strip() if number else rest


def _kinds(function: Callable[..., Any]) -> tuple[type, ...]:
    hints = get_type_hints(function)
    names = list(inspect.signature(function).parameters)[1:]
    return tuple(_plain(hints[name]) for name in names)


def _plain(hint: Any) -> type:
    if hint == Options:
        return dict
    kinds: list[type] = [k for k in getattr(hint, "__args__", (hint,)) if k is not type(None)]
    return kinds[0]


def _take_options(rest: str, names: Iterable[str]) -> tuple[str, Options]:
    keys = "|".join(re.escape(name) for name in names)
    if not keys:
        return rest, {}
    spaced, listed = rf"(?:^|(?<=\s))(?:{keys})\s*[=:]", rf"(?<=[,;、])(?:{keys})\s*="
    found = list(re.finditer(rf"({spaced}|{listed})\s*", narrow(rest)))
    if not found:
        return rest, {}
    ends = [match.start() for match in found[1:]] + [len(rest)]
    left, values = [rest[: found[0].start()].rstrip(_COMMAS)], {}
    for match, end in zip(found, ends, strict=True):
        key, value = match[1].rstrip("=: "), rest[match.end() : end].strip().rstrip(_COMMAS)
        if key in _ONE_WORD:
            value, _, more = value.partition(" ")
            left.append(more)
        values[key] = value
    return " ".join(left).strip(), values


def _read(kind: type, text: str, today: date) -> Any:
    try:
        return _READERS[kind](narrow(text) if kind is not str else text, today)
    except ValueError as problem:
        raise Misread(str(problem)) from None


def _number(text: str, _today: date) -> Number:
    found = _NUMBER.fullmatch(text)
    if not found:
        raise ValueError(f"「{text}」不是编号，请写成 #12")
    return Number(found[1])


def _place(text: str, _today: date) -> Place:
    found = _PLACE.fullmatch(text)
    if not found:
        raise ValueError(f"「{text}」不是发送目标，请写成 12-G6")
    return Place(int(found[1]), found[2].upper())


def _code(text: str, _today: date) -> Code:
    found = _RECEIPT.fullmatch(text.upper())
    if not found:
        raise ValueError(f"「{text}」不是回执号，请写成 8K2 这样三个字符")
    return Code(found[0])


def _whole(text: str, _today: date) -> int:
    found = re.fullmatch(r"第?(\d{1,9})[条个]?", text)
    if not found:
        raise ValueError(f"「{text}」不是数字")
    return int(found[1])


_READERS: Mapping[type, Callable[[str, date], Any]] = {
    str: lambda text, _today: text,
    int: _whole,
    Number: _number,
    Place: _place,
    Code: _code,
    date: times.read_day,
}
