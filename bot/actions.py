"""What to do about it: the actions that every gateway performs."""

from datetime import timedelta

from msgspec import Struct
from msgspec.json import Decoder, Encoder

LONGEST_MUTE = int(timedelta(days=30).total_seconds()) - 1
"""Seconds. QQ takes at most 30 days less a second, and it is the strictest."""


class Action(Struct, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind"):
    """Something to do in one chat; `chat` is a chat key."""

    chat: str


class Say(Action, tag="say", frozen=True, kw_only=True):
    """`via` is a group chat both sides are in, for platforms that need one for a private word.

    `picture` is a file below the data directory that goes with the words.
    """

    text: str
    reply_to: str = ""
    mention: tuple[str, ...] = ()
    via: str = ""
    picture: str = ""


class Announce(Action, tag="announce", frozen=True, kw_only=True):
    """Put up a notice on the group's board; `picture` as with Say."""

    text: str
    picture: str = ""


class SendFile(Action, tag="send_file", frozen=True, kw_only=True):
    """`path` is below the data directory; `folder` is a folder's name in the group's files."""

    path: str
    name: str
    folder: str = ""


class Recall(Action, tag="recall", frozen=True, kw_only=True):
    message: str


class Mute(Action, tag="mute", frozen=True, kw_only=True):
    """`seconds` is 1 to LONGEST_MUTE. Zero lifts a mute on some platforms, so it is refused."""

    member: str
    seconds: int

    def __post_init__(self) -> None:
        if not 1 <= self.seconds <= LONGEST_MUTE:
            raise ValueError(f"a mute lasts 1 to {LONGEST_MUTE} seconds, not {self.seconds}")


class Unmute(Action, tag="unmute", frozen=True, kw_only=True):
    member: str


class MuteAll(Action, tag="mute_all", frozen=True, kw_only=True):
    pass


class UnmuteAll(Action, tag="unmute_all", frozen=True, kw_only=True):
    pass


class Remove(Action, tag="remove", frozen=True, kw_only=True):
    member: str
    for_good: bool = False


class AnswerJoin(Action, tag="answer_join", frozen=True, kw_only=True):
    """`flag` came with the JoinRequest."""

    flag: str
    accept: bool
    reason: str = ""


class SetCard(Action, tag="set_card", frozen=True, kw_only=True):
    member: str
    card: str


AnyAction = (
    Say
    | Announce
    | SendFile
    | Recall
    | Mute
    | Unmute
    | MuteAll
    | UnmuteAll
    | Remove
    | AnswerJoin
    | SetCard
)

REPEATABLE = (Recall, Mute, Unmute, MuteAll, UnmuteAll, SetCard)
"""Safe to perform again when nobody knows whether the first time arrived."""

encode = Encoder().encode
decode = Decoder(AnyAction).decode
