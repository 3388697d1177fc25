"""The group's time zone, and times as people write and read them."""

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

WEEKDAYS = "一二三四五六日"
_RECENTLY = timedelta(days=90)
"""A day this long gone is a slip, not a plan for next year."""

_RELATIVE = {"今天": 0, "今晚": 0, "明天": 1, "明晚": 1, "后天": 2, "大后天": 3}


def local(moment: datetime, zone: str) -> datetime:
    """An aware moment as the group's wall clock shows it."""
    return moment.astimezone(ZoneInfo(zone))


def at(day: date, clock: time, zone: str) -> datetime:
    """Wall clock in `zone` as aware UTC. A time that DST skips moves forward by the gap."""
    return datetime.combine(day, clock, ZoneInfo(zone)).astimezone(UTC)


_PLACES = {
    "Asia/Shanghai": "北京",
    "Asia/Hong_Kong": "香港",
    "Asia/Taipei": "台北",
    "Asia/Singapore": "新加坡",
    "Asia/Tokyo": "东京",
    "Asia/Dubai": "迪拜",
    "Europe/Berlin": "柏林",
    "Europe/London": "伦敦",
    "Europe/Paris": "巴黎",
    "America/New_York": "纽约",
    "America/Los_Angeles": "洛杉矶",
    "Australia/Sydney": "悉尼",
}


def offset(moment: datetime, zone: str) -> timedelta:
    """How far the zone's wall clock is ahead of UTC at a moment."""
    return local(moment, zone).utcoffset() or timedelta()


def place(zone: str) -> str:
    """What people call a zone: by a city they know, else by its own."""
    return _PLACES.get(zone, zone.rpartition("/")[2].replace("_", " "))


def days_until(day: date, now: datetime, zone: str) -> int:
    """Calendar days in the group's zone from `now` to `day`."""
    return (day - local(now, zone).date()).days


def day_word(day: date, now: datetime, zone: str) -> str:
    """今天, 明天 or 后天; farther days as 11月26日."""
    words = {0: "今天", 1: "明天", 2: "后天"}
    return words.get(days_until(day, now, zone), f"{day:%-m月%-d日}")


def show_day(day: date) -> str:
    """11-26(周四)"""
    return f"{day:%m-%d}(周{WEEKDAYS[day.weekday()]})"


def show_moment(moment: datetime, zone: str) -> str:
    """11-26(周四)19:30"""
    there = local(moment, zone)
    return f"{show_day(there.date())}{there:%H:%M}"


def read_day(text: str, today: date) -> date:
    """Read 11-26, 2026-11-26, 11月26日, 11/26, 周四, 下周四, 明天.

    A day without a year is the next such day. Raises ValueError when it is none of these.
    """
    text = re.sub(r"\s*[(（](?:周|星期).[)）]$", "", text)
    if text in _RELATIVE:
        return today + timedelta(days=_RELATIVE[text])
    if found := re.fullmatch(r"(下|本|这)?(?:周|星期|礼拜)([一二三四五六日天])", text):
        return _weekday(found[2].replace("天", "日"), found[1] == "下", today)
    found = re.fullmatch(r"(?:(\d{4})[-/.年])?(\d{1,2})[-/.月](\d{1,2})[日号]?", text)
    if not found:
        raise ValueError(f"看不懂日期「{text}」，请写成 11-26 或 周四")
    return _calendar_day(found[1], int(found[2]), int(found[3]), today)


def read_clock(text: str) -> time:
    """Read 19:30, 19点, 19点半, 晚上7点. Raises ValueError when it is none of these."""
    found = re.fullmatch(
        r"(早上|上午|中午|下午|晚上)?(\d{1,2})(?:[:：点](\d{2}|半)?分?)", text.strip()
    )
    if not found:
        raise ValueError(f"看不懂时间「{text}」，请写成 19:30")
    hour = int(found[2]) + (12 if found[1] in ("下午", "晚上") and int(found[2]) < 12 else 0)
    minute = {None: 0, "半": 30}.get(found[3]) if found[3] in (None, "半") else int(found[3])
    if hour > 23 or minute is None or minute > 59:
        raise ValueError(f"没有「{text}」这个时间")
    return time(hour, minute)


def read_span(text: str, *, lasts: timedelta) -> tuple[time, time]:
    """Read 20:00-21:15, or 20:00 alone, which then `lasts` so long.

    Raises ValueError unless it ends after it starts, on the same day.
    """
    parts = re.split(r"\s*[-–—~～至到]\s*", text.strip())
    if len(parts) == 1:
        return _lasting(read_clock(parts[0]), lasts)
    if len(parts) != 2:
        raise ValueError(f"看不懂时段「{text}」，请写成 19:30-21:00")
    starts, ends = read_clock(parts[0]), read_clock(parts[1])
    if ends <= starts and starts.hour >= 12 > ends.hour and parts[1][0].isdigit():
        # 晚上8点到9点半: the second hour is in the same half of the day.
        ends = ends.replace(hour=ends.hour + 12)
    if ends <= starts:
        raise ValueError("结束时间要晚于开始时间")
    return starts, ends


def _lasting(starts: time, lasts: timedelta) -> tuple[time, time]:
    ends = (datetime.combine(date.min, starts) + lasts).time()
    if ends <= starts:
        raise ValueError(f"{starts:%H:%M} 开始就要过半夜了，请连结束时间一起写，如 22:00-23:00")
    return starts, ends


def _weekday(name: str, next_week: bool, today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    day = monday + timedelta(days=WEEKDAYS.index(name) + (7 if next_week else 0))
    return day if next_week or day >= today else day + timedelta(days=7)


def _calendar_day(year: str | None, month: int, day: int, today: date) -> date:
    try:
        if year:
            return date(int(year), month, day)
        this_year = date(today.year, month, day)
        next_year = date(today.year + 1, month, day)
    except ValueError:
        raise ValueError(f"没有 {month}月{day}日 这一天") from None
    if timedelta() < today - this_year < _RECENTLY:
        raise ValueError(f"{month}月{day}日 已经过了；要是明年，请写 {next_year}")
    return this_year if this_year >= today else next_year


def show_seconds(seconds: int) -> str:
    """600 as 10分钟; whole days, hours and minutes are named as such."""
    for size, unit in ((86400, "天"), (3600, "小时"), (60, "分钟")):
        if seconds >= size and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}秒"
