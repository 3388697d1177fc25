"""彩排: every step of an evening on a made-up clock, in private, and what is to be mended."""

from collections.abc import Iterable, Iterator, Mapping

from bot import times, wording
from bot.people import Address
from handlers.commands import PLANNERS, Answer, Call, Refused, command, evening
from handlers.grammar import Number
from schedules import checklist, places, rehearsal
from schedules.checklist import Shut
from schedules.rehearsal import Scene
from schedules.steps import STEP_NAMES, To
from schedules.turn import Turn
from storage import groups, members
from storage.guests import BEFORE, STATE_NAMES, State
from storage.questions import one_line

_LONGEST = 1500
"""Characters of one message; so a whole evening is told in a handful of them."""

_NAMED = 5
_LONGEST_NAME = 20
_ROLES = {
    To.GUEST: "嘉宾",
    To.HOST: "主持人",
    To.CREW: "嘉宾和主持人",
    To.ATTENDEES: "到场的人",
    To.HR: "HR",
    To.HR_LEAD: "HR 负责人",
}


@command("彩排 <编号>", who=PLANNERS, aliases=("嘉宾 彩排", "嘉宾彩排"), deed="彩排")
def rehearse(call: Call, number: Number) -> Answer:
    """用假时钟把一场分享的每一步私聊演给你看，群里收不到，最后列出要处理的问题。"""
    one = evening(call, number, BEFORE)
    if one.state not in BEFORE:
        raise Refused(f"#{one.id} {STATE_NAMES[State(one.state)]}，不用彩排了")
    turn = Turn.of(call.db, one, call.now)
    played = rehearsal.play(call.db, one, attendee=call.member)
    closed = checklist.closed(turn)
    names = _names(turn, closed)
    said = [
        wording.render(
            "rehearsal", number=one.id, guest=one.shown_guest(call.now), topic=one.topic
        ),
        *(_shown(scene, turn.group.zone, names) for scene in played.scenes),
    ]
    end = wording.render("rehearsal_end", problems=checklist.problems(turn, played, closed))
    return [call.privately(text) for text in (*_pages(said), end)]


def _shown(scene: Scene, zone: str, names: Mapping[str, str]) -> str:
    return wording.render(
        "rehearsal_step",
        when=times.show_moment(scene.at, zone),
        step=STEP_NAMES[scene.step.step],
        where=_where(scene, names),
        words="" if scene.why else scene.words,
        why=scene.why,
        picture=scene.picture,
    )


def _where(scene: Scene, names: Mapping[str, str]) -> str:
    to = scene.step.to
    if to is To.NOBODY:
        return ""
    if not scene.targets:
        return "没有人"
    if to is To.ATTENDEES:
        return _ROLES[to]
    several = [names.get(target, target) for target in scene.targets]
    more = f" 等 {len(several)} 处" if len(several) > _NAMED else ""
    shown = "、".join(several[:_NAMED]) + more
    return f"{_ROLES[to]}（{shown}）" if to in _ROLES else shown


def _names(turn: Turn, closed: Mapping[str, Shut]) -> dict[str, str]:
    """What people call each target, and who posts where the bot cannot."""
    db, found = turn.db, {}
    for chat in groups.chats_of(db, turn.group.id):
        platform = Address.of(chat.key).platform
        for member in members.in_chat(db, chat.id).values():
            found[f"@{member.id}"] = one_line(member.name, limit=_LONGEST_NAME) or member.id
        for account in members.granted(db, turn.group, platform):
            person = members.person_of(db, platform=platform, external=account)
            found[f"@{account}"] = person.name if person else account
    for place in places.told(db, turn.evening):
        shut = closed.get(place.name)
        how = f"（{shut.relay} 转发）" if shut and shut.relay else "（发不进）" if shut else ""
        found[place.name] = place.group + ("（由人发布）" if place.relay else how)
    return found


def _pages(blocks: Iterable[str]) -> Iterator[str]:
    """The blocks in as few messages as hold them."""
    page = ""
    for block in blocks:
        if page and len(page) + len(block) + 2 > _LONGEST:
            yield page
            page = ""
        page = f"{page}\n\n{block}" if page else block
    yield page
