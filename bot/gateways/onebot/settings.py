"""What an installation says about its OneBot accounts, in BANZHANG_ONEBOT_*."""

from functools import cached_property

from pydantic import BaseModel, Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

NOTHING = SecretStr("")


class Account(BaseModel):
    """One account of ours, and how its implementation and we know each other."""

    model_config = {"frozen": True, "coerce_numbers_to_str": True, "extra": "forbid"}

    self_id: str = ""
    secret: SecretStr = NOTHING
    token: SecretStr = NOTHING
    api_url: str = ""

    @field_validator("api_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        return an_address(value)


class OneBotSettings(BaseSettings):
    """An empty secret or token closes the door it belongs to; it never opens it."""

    model_config = SettingsConfigDict(
        env_prefix="BANZHANG_ONEBOT_", env_file=".env", extra="ignore", frozen=True
    )

    secret: SecretStr = Field(
        default=NOTHING,
        description="HTTP 上报的签名密钥（X-Signature）。留空则拒绝所有 HTTP 上报。",
    )
    token: SecretStr = Field(
        default=NOTHING,
        description="反向 WebSocket 与 HTTP API 的 access token。留空则拒绝所有 WebSocket 连接。",
    )
    api_url: str = Field(
        default="",
        description="HTTP API 的地址，如 http://127.0.0.1:3000。用反向 WebSocket 时可留空。",
    )
    accounts: tuple[Account, ...] = Field(
        default=(),
        description=(
            "多个账号，JSON 列表，每项含 self_id、secret、token、api_url。"
            "填写后只接受列出的账号，上面三项不再使用。"
        ),
    )
    pace_seconds: float = Field(
        default=1.2,
        ge=0,
        le=60,
        description="同一账号两条消息之间至少间隔的秒数。过快容易触发平台风控。",
    )
    timeout_seconds: float = Field(
        default=10.0,
        gt=0,
        le=120,
        description="一次接口调用最多等多少秒的回音；带文件或图片的等它的六倍。",
    )

    @field_validator("api_url")
    @classmethod
    def _an_address(cls, value: str) -> str:
        return an_address(value)

    @model_validator(mode="after")
    def _distinct(self) -> "OneBotSettings":
        names = [account.self_id for account in self.accounts]
        if "" in names or len(set(names)) < len(names):
            raise ValueError("every entry of accounts needs a self_id of its own")
        return self

    def account(self, self_id: str) -> Account | None:
        """The account of that id: any id when only the simple names are set, else a listed one."""
        return self._listed.get(self_id) if self.accounts else self._only

    @cached_property
    def _listed(self) -> dict[str, Account]:
        return {account.self_id: account for account in self.accounts}

    @cached_property
    def _only(self) -> Account:
        return Account(secret=self.secret, token=self.token, api_url=self.api_url)


def an_address(value: str) -> str:
    """Raises ValueError unless it is empty or an HTTP address; drops a slash at the end."""
    if value and not value.startswith(("http://", "https://")):
        raise ValueError("an address begins with http:// or https://")
    return value.rstrip("/")
