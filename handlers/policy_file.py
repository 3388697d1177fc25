"""A group's set-up as one readable YAML file: written, and read with suspicion."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

import yaml

from handlers.commands import Refused, nearest_of
from handlers.grammar import Misread
from handlers.sections import SECTIONS, Place, Section, flat
from storage.rulebook import Choice, Rulebook

LONGEST = 20_000
"""Characters. A set-up with long lists of words has a tenth of it."""

VERSION, NAME, ABOUT = "班长配置", "名称", "说明"
_KNOWN = "1"
_MOST_PARTS, _DEEPEST = 2000, 4
_BACK = "默认"


class Node(NamedTuple):
    """A value and the line it stands in; what it holds by name, or its words."""

    line: int
    holds: "str | dict[str, Node]"


class File(NamedTuple):
    """What a file asks for; None is back to what holds without a choice."""

    choices: dict[str, Choice | None]
    name: str
    about: str


def write(book: Rulebook, *, head: str) -> str:
    """A rulebook as a file. `head` is one line that says what it is."""
    page: dict[str, object] = {VERSION: int(_KNOWN)}
    for place, words in flat(book).items():
        steps = [step for step in (place.section.word, place.entry, place.part) if step]
        inner = page
        for step in steps[:-1]:
            inner = inner.setdefault(step, {})  # type: ignore[assignment]
        inner[steps[-1]] = words
    body = yaml.safe_dump(page, allow_unicode=True, sort_keys=False, width=10_000)
    return f"# {' '.join(head.split())}\n{body}"


def read(text: str, book: Rulebook) -> File:
    """What a file asks for where `book` is in force.

    Raises Refused with a sentence that names the line; then nothing of it counts.
    """
    top = _tree(text)
    if not isinstance(top.holds, dict):
        raise _no(top, "开头要写「群规:」这样的项目，下面再写设置")
    page = dict(top.holds)
    version = page.pop(VERSION, None)
    if version is not None and version.holds != _KNOWN:
        raise _no(version, f"「{VERSION}」只认 {_KNOWN}，这个文件可能是更新的班长写的")
    name, about = (_words(page.pop(word, Node(1, "")), word) for word in (NAME, ABOUT))
    known = {section.word: section for section in SECTIONS}
    for word, node in page.items():
        if word not in known:
            raise _no(node, f"没有「{word[:20]}」这一项{_near(word, known)}")
    choices: dict[str, Choice | None] = {}
    for section in SECTIONS:
        if section.word in page:
            now = book | {key: one for key, one in choices.items() if one is not None}
            choices |= dict(_section(section, page[section.word], now))
    return File(choices, name, about)


def _section(section: Section, node: Node, book: Rulebook) -> Iterator[tuple[str, Choice | None]]:
    if not section.entries:
        yield section.key, _choice(Place(section), node, book)
        return
    if not isinstance(node.holds, dict):
        raise _no(node, f"「{section.word}」下面要一行一项，如「{section.entries[0]}: …」")
    for entry, value in node.holds.items():
        if entry not in section.entries:
            near = _near(entry, section.entries)
            raise _no(value, f"「{section.word}」里没有「{entry[:20]}」{near}")
        yield section.key + entry, _choice(Place(section, entry), value, book)


def _choice(place: Place, node: Node, book: Rulebook) -> Choice | None:
    if node.holds == _BACK:
        return None
    section = place.section
    if not section.several:
        parts = {"": Node(node.line, _words(node, str(place)))}
    elif isinstance(node.holds, dict):
        parts = node.holds
    else:
        raise _no(node, f"「{place}」下面要一行一项，或者写「{_BACK}」")
    words = {part: _words(one, f"{place} {part}") for part, one in parts.items()}
    try:
        return section.read(place.entry, words, book)
    except (Refused, Misread, ValueError) as problem:
        said = str(problem).removesuffix("，没有改动")
        line = _blame(place, words, parts, book) or node.line
        raise Refused(f"第 {line} 行「{place}」：{said}。没有改动") from None


def _blame(
    place: Place, words: Mapping[str, str], parts: Mapping[str, Node], book: Rulebook
) -> int | None:
    """The line of the first part that cannot be read even alone."""
    for part, text in words.items():
        try:
            place.section.read(place.entry, {part: text}, book)
        except (Refused, Misread, ValueError):
            return parts[part].line
    return None


def _words(node: Node, what: str) -> str:
    if not isinstance(node.holds, str):
        raise _no(node, f"「{what}」后面直接写设置，不能再分层")
    return node.holds


def _no(node: Node, why: str) -> Refused:
    return Refused(f"第 {node.line} 行：{why}。没有改动")


def _near(word: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    near = nearest_of(word, known)
    return f"，是「{near}」吗？" if near else f"，可以写：{'、'.join(known)}"


def _tree(text: str) -> Node:
    # Some chats send the blanks at the start of a line as ones that do not break.
    text = text.replace("\u00a0", " ")
    if len(text) > LONGEST:
        raise Refused(f"配置最长 {LONGEST} 个字，这个有 {len(text)} 个。没有改动")
    try:
        _look_through(text)
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        where = f"第 {mark.line + 1} 行" if mark else "文件里"
        raise Refused(
            f"{where}不是能读的 YAML：看看缩进齐不齐、冒号是不是半角的「: 」后面带空格。没有改动"
        ) from None
    except yaml.YAMLError:
        raise Refused("文件里有读不了的字符。没有改动") from None
    if root is None:
        raise Refused("配置是空的。没有改动")
    return _node(root)


def _look_through(text: str) -> None:
    """Refuse what would cost too much to put together, or is nothing that people write."""
    depth = 0
    for count, event in enumerate(yaml.parse(text, Loader=yaml.SafeLoader)):
        here = Node(event.start_mark.line + 1 if event.start_mark else 1, "")
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            raise _no(here, "不能用 & 和 * 引用")
        if getattr(event, "tag", None):
            raise _no(here, "不能用 ! 标签")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST or count > _MOST_PARTS:
            raise _no(here, "层数或项目太多了")
        if isinstance(event, yaml.DocumentStartEvent) and event.explicit and count > 1:
            raise _no(here, "一次只能写一份配置")


def _node(found: yaml.Node) -> Node:
    """A node of YAML with every value as it is written: 关 is 关, and a day is no date."""
    line = found.start_mark.line + 1
    if isinstance(found, yaml.ScalarNode):
        return Node(line, str(found.value))
    if isinstance(found, yaml.SequenceNode):
        items = [_words(_node(one), "列表") for one in found.value]
        return Node(line, "、".join(items) or "无")
    holds: dict[str, Node] = {}
    for key, value in found.value:
        name = _words(_node(key), "名字")
        if name in holds:
            raise _no(_node(key), f"「{name[:20]}」写了两遍")
        # The line of the key: what it holds may begin on the next one.
        holds[name] = Node(key.start_mark.line + 1, _node(value).holds)
    return Node(line, holds)
