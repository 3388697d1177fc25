"""QR codes in pictures that lead a member away from the group: to a person, a purse, or a shop."""

import re
from datetime import timedelta
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field

from bot.events import PictureRead
from rules.detector.explicit import House, trusted
from rules.engine import Context, Found, Params, breaks, keeps, rule

NAME = "二维码"
REGULAR_AFTER = timedelta(days=30)
"""Who is here for longer is believed: what they post is only kept."""

_PURSE = re.compile(r"wxp://|https?://(?:qr|mobilecodec)\.alipay\.com|alipays?://", re.IGNORECASE)
_PERSON = re.compile(
    r"https?://(?:u\.wechat\.com|weixin\.qq\.com/[gr]/|qm\.qq\.com|jq\.qq\.com|"
    r"qun\.qq\.com|work\.weixin\.qq\.com/(?:u|gm)/|t\.me|wa\.me)|weixin://|mqqapi://|tel:|"
    r"mailto:|BEGIN:VCARD|MECARD:",
    re.IGNORECASE,
)
_LINK = re.compile(r"https?://", re.IGNORECASE)


def _listed(items: tuple[str, ...]) -> tuple[str, ...]:
    for item in items:
        if set(item) & set(" \t\n/、,，") or len(item) < 2:
            raise ValueError(f"「{item}」要写成网址里的域名，如 example.com")
    return items


class Codes(Params):
    phrases = ("允许域名 {domains}", "新人 {new}小时")

    domains: Annotated[tuple[str, ...], AfterValidator(_listed)] = Field(
        (), description="常用会议和文档网址之外，还允许的域名"
    )
    new: int = Field(24, ge=0, le=720, description="进群多少小时内算新人，直接处理")


@rule(
    NAME,
    on=PictureRead,
    params=Codes,
    recalls=True,
    examples=[
        keeps("https://meeting.tencent.com/dm/abc"),
        keeps("第 3 排 12 座"),
        keeps("https://shop.example.com/1", domains=("example.com",)),
        breaks("https://u.wechat.com/abc"),
        breaks("wxp://f2f0abc"),
        breaks("https://shop.example.top/1"),
    ],
)
def codes(read: PictureRead, context: Context, params: Codes) -> Found | None:
    """图片里的二维码是加好友、进别的群、收款或推广链接；新人直接处理，别人先问群主。"""
    house = House(domains=params.domains)
    wrong = [what for code in read.codes if (what := _leads(code, house))]
    if not wrong:
        return None
    here = read.at - context.joined if context.joined else None
    if here is not None and here > REGULAR_AFTER:
        return None
    new = here is not None and here < timedelta(hours=params.new)
    return Found(f"图片里的二维码是{wrong[0]}", sure=new)


def _leads(code: str, house: House) -> str:
    """What a code leads to, in words a member understands; empty for what may pass."""
    if _PURSE.match(code):
        return "收款码"
    if _PERSON.match(code):
        return "加好友或进群的码"
    if _LINK.match(code) and not trusted(host := _host(code), house):
        return f"外部链接「{host[:40]}」"
    return ""


def _host(code: str) -> str:
    try:
        return urlsplit(code.strip()).hostname or ""
    except ValueError:
        return ""
