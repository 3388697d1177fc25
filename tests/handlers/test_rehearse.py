"""彩排: an evening played in private on a made-up clock, and a list of what is to be mended."""

import re
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import NamedTuple

import pytest
from sqlalchemy import select

from bot import wording
from bot.actions import Announce, AnyAction, Say
from bot.events import Left
from bot.people import Address, Role
from storage import abilities, audience, days, groups, members
from storage.database import Base
from storage.guests import GuestSession
from tests.build import G1, HR, LIN, OWNER, ZONE, Company, at, direct

PLAN = "@班长 嘉宾 安排 11-26 王总 我的第一单"
REHEARSE = "@班长 彩排 #1"
G2, G3 = "fake:1:600002", "fake:1:600003"
STEPS = """\
11-20(周五)10:00 嘉宾欢迎；11-24(周二)12:00 预告；11-25(周三)18:00 前一天提醒；\
11-25(周三)20:00 嘉宾流程单；11-26(周四)17:00 主持核对；11-26(周四)19:00 当天提醒；\
11-26(周四)19:15 嘉宾到场核对；11-26(周四)19:30 开场；11-26(周四)19:40 嘉宾未到提示；\
11-26(周四)1? 签到码A；11-26(周四)20:20 半场提示；11-26(周四)20:30 答疑；\
11-26(周四)2? 签到码B；11-26(周四)20:50 收尾提示；11-26(周四)21:00 结束；\
11-26(周四)21:00 感谢嘉宾；11-26(周四)21:05 反馈邀请；11-26(周四)21:10 草稿；\
11-26(周四)21:30 出勤封存；11-27(周五)10:00 催审；11-28(周六)10:00 再催审；\
11-29(周日)10:00 上报催审""".split("；")


@pytest.fixture
def planned(company: Company) -> Company:
    """An evening that lacks nothing."""
    company.ask(PLAN)
    company.say("@班长 嘉宾 确认 1", by=OWNER)
    with company.database.write() as db:
        db.get_one(GuestSession, 1).poster = "posters/1.png"
    return company


def rehearsed(company: Company, *, chat: str = G1) -> list[str]:
    """What the one who asked is told in private; nobody else is told anything."""
    said = company.say(REHEARSE, by=OWNER, chat=chat)
    assert {one.chat for one in said} == {direct(OWNER)}
    return [one.text for one in said if isinstance(one, Say)]


def test_a_rehearsal_goes_by_what_the_company_set(planned: Company) -> None:
    planned.say("公司规则 步骤设置 当天提醒 关", by=HR, chat=direct(HR))
    told = "\n".join(rehearsed(planned))
    assert "前一天提醒" in told
    assert "19:00 当天提醒" not in told


class Shown(NamedTuple):
    """One step as it is shown: its headline in three parts, and its words."""

    when: str
    step: str
    where: str
    words: str


def shown(texts: Sequence[str], step: str = "") -> list[Shown]:
    """What was played of one step, or of all."""
    blocks = re.split(r"^▸ ", "\n\n".join(texts[:-1]), flags=re.MULTILINE)[1:]
    found = []
    for head, _, words in (block.strip().partition("\n") for block in blocks):
        when, name, *where = head.split(" ", 2)
        found.append(Shown(when, name, "".join(where).removeprefix("→ "), words))
    return [one for one in found if step in ("", one.step)]


def share(company: Company, name: str, key: str, *, zone: str = ZONE) -> None:
    """Another group is told of the evening."""
    there = company.found(name, key, zone=zone)
    with company.database.write() as db:
        audience.add(db, evening_id=1, group_id=there, by=OWNER, now=company.clock.now())


def cannot(company: Company, key: str, name: str, why: str = "") -> None:
    """It was seen that something does not work in a chat."""
    now = company.clock.now()
    with company.database.write() as db:
        abilities.note(db, place=key, name=name, works=False, why=why, now=now)


def leave(company: Company, key: str) -> None:
    """The bot was put out of a chat."""
    gone = Left(key=f"{key}/left", chat=key, at=company.clock.now(), member=Address.of(key).account)
    company.receive(gone)


def kept(company: Company) -> dict[str, list[str]]:
    """Every row there is, but for what comes of any command."""
    with company.database.read() as db:
        return {
            table.name: sorted(map(repr, db.execute(select(table))))
            for table in Base.metadata.sorted_tables
            if table.name not in ("events", "chats", "deliveries")
        }


def posted(done: Sequence[AnyAction]) -> list[str]:
    return [one.text for one in done if isinstance(one, Say | Announce) and one.chat == G1]


def test_every_step_is_played_in_its_order_at_made_up_times_in_a_handful_of_messages(
    planned: Company,
) -> None:
    texts = rehearsed(planned)
    played = [f"{one.when} {one.step}" for one in shown(texts)]
    # Codes come at minutes that are not to be guessed.
    assert [re.sub(r"\d:\d\d (签到码)", r"? \1", line) for line in played] == STEPS
    assert len(texts) <= 5
    assert all(len(text) <= 1500 for text in texts)


def test_a_rehearsal_changes_nothing_and_tells_nobody_else(planned: Company) -> None:
    before, sent = kept(planned), len(planned.gateway.done)
    texts = rehearsed(planned)
    assert kept(planned) == before
    assert planned.deliveries(1) == []
    assert len(planned.gateway.done) == sent + len(texts)


def test_what_is_rehearsed_is_what_the_group_really_gets_later(planned: Company) -> None:
    played = [one for one in shown(rehearsed(planned)) if one.where.startswith("新人2611群")]
    plain = [one for one in played if "签到码" not in one.step]
    real = [posted(planned.go(f"2026-{one.when[:5]} {one.when[-5:]}")) for one in plain]
    said = [text for texts in real for text in texts if "【签到】" not in text]
    assert [one.words for one in plain] == said
    assert "".join(text[:4] for text in said) == "【预告】【提醒】【提醒】【开场】【答疑】【结束】"


def test_an_evening_that_lacks_nothing_has_nothing_on_the_list(planned: Company) -> None:
    assert rehearsed(planned)[-1] == "彩排结束，没有发现问题。"


def test_the_list_names_what_is_missing_with_the_word_that_mends_it(company: Company) -> None:
    company.ask("@班长 嘉宾 安排 11-26 李教授 我的第一单")
    company.hire("00123", "李强", "liqiang")
    share(company, "华北群", G2)
    share(company, "华南群", G3)
    leave(company, G2)
    cannot(company, G3, abilities.PUSH, "机器人被禁言")
    company.relay(G3, "00123")
    texts = rehearsed(company)
    assert texts[-1].splitlines() == [
        "彩排结束，5 处要处理：",
        "1. 嘉宾还没确认，确认后才发嘉宾须知：「嘉宾 确认 1」",
        "2. 不知道嘉宾的账号，只能请主持人转交：「嘉宾 修改 1 账号=@某人」",
        "3. 没有海报，预告只有文字：请 HR 在网页上这一场里上传",
        "4. 「华北群」不可推送（机器人不在群里），也没有人转发："
        f"banzhang relay set --chat {G2} --number 工号",
        "5. 「华南群」不可推送（机器人被禁言），会请 李强 转发：先和 李强 说好",
    ]
    home, told = shown(texts, "预告")
    assert (home.where, told.where) == ("新人2611群", "华北群（发不进）、华南群（李强 转发）")
    assert "想听的请先加入「新人2611群」" in told.words


def test_nobody_to_host_or_to_review_and_a_group_that_cannot_be_muted_are_on_the_list(
    company: Company,
) -> None:
    company.found("空群", G2)
    company.ask(PLAN, by=HR, chat=G2)
    company.say("@班长 硬静音 开 1", by=HR, chat=G2)
    cannot(company, G2, "mute_all")
    with company.database.write() as db:
        hr = members.numbered(db, "00007")
        assert hr is not None
        members.revoke(db, person=hr, role=Role.HR)
        there = groups.chat_for(db, G2)
        members.note(db, chat_id=there.id, member=OWNER, role=Role.DEPUTY)
        groups.touch_all(db)
    texts = rehearsed(company, chat=G2)
    assert "没有主持人" in texts[-1]
    assert "没有 HR 账号" in texts[-1]
    assert "「空群」不能全员静音：「软静音 开 1」" in texts[-1]
    assert [one.where for one in shown(texts, "全员静音")] == ["没有人"]


def test_a_day_off_and_a_guest_who_is_elsewhere_that_day_are_on_the_list(planned: Company) -> None:
    planned.found("华东群", G2)
    planned.ask("@班长 嘉宾 安排 11-26 王总 谈判 另外=是", by=HR, chat=G2)
    with planned.database.write() as db:
        off = {date(2026, 11, 24): days.Kept(off=True, name="店庆")}
        days.put(db, rows=off, by=HR, now=planned.clock.now())
    end = rehearsed(planned)[-1]
    assert "嘉宾当天在「华东群」还有 #2：「改期 1 日期」" in end
    assert "预告那天 11-24(周二) 放假（店庆）" in end


def test_a_group_elsewhere_hears_it_by_its_own_clock_and_the_list_shows_both(
    planned: Company,
) -> None:
    share(planned, "柏林群", G2, zone="Europe/Berlin")
    texts = rehearsed(planned)
    home, there = shown(texts, "预告")
    assert (home.where, there.where) == ("新人2611群（附海报）", "柏林群（附海报）")
    assert "12:30-14:00（柏林时间；北京 11-26(周四)19:30-21:00）" in there.words
    assert "柏林时间 11-26(周四)12:30 开始（北京 11-26(周四)19:30）" in texts[-1]


def test_a_mystery_guest_stays_one_in_what_goes_to_the_group(planned: Company) -> None:
    planned.say("@班长 神秘 1 开", by=OWNER)
    texts = rehearsed(planned)
    [announced], [opened] = shown(texts, "预告"), shown(texts, "开场")
    assert "神秘嘉宾" in announced.words
    assert "王总" not in announced.words
    assert announced.where == "新人2611群"
    assert "今晚的嘉宾是王总" in opened.words


def test_what_was_planned_too_late_is_played_late_and_named(company: Company) -> None:
    company.clock.at = at("2026-11-26 18:30")
    company.ask(PLAN)
    texts = rehearsed(company)
    assert [one.when for one in shown(texts, "预告")] == ["11-26(周四)18:30"]
    assert shown(texts, "当天提醒")[0].where.endswith("：不会发（刚发过预告）")
    assert "的前一天提醒不会发（安排得晚，来不及了）" in texts[-1]
    assert "离开始不到两天" in texts[-1]


def test_an_evening_that_was_announced_is_played_from_its_beginning(planned: Company) -> None:
    planned.go("2026-11-24 12:00")
    before = kept(planned)
    [announced] = shown(rehearsed(planned), "预告")
    assert announced.when == "11-24(周二)12:00"
    assert "后天" in announced.words
    assert kept(planned) == before


def test_a_text_that_cannot_be_filled_in_is_found_before_the_evening(
    planned: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wording._texts, "loader", wording._texts.loader)
    wording.customise(tmp_path)
    (tmp_path / "ask.txt").write_text("{{ nobody_gives_this }}")
    assert "走到 11-26(周四)20:30 出错" in rehearsed(planned)[-1]


def test_only_planners_rehearse_and_only_what_is_still_ahead(planned: Company) -> None:
    assert "可以彩排" in planned.ask(REHEARSE, by=LIN)
    assert "没有 #9 这场分享" in planned.ask("@班长 彩排 #9")
    planned.go("2026-11-26 19:30")
    assert "分享中，不用彩排了" in planned.ask(REHEARSE)
