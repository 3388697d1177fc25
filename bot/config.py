"""The environment, read once."""

import os
import secrets
from functools import cached_property
from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """What an IT admin sets. Each gateway declares its own settings beside it."""

    model_config = SettingsConfigDict(
        env_prefix="BANZHANG_", env_file=".env", extra="ignore", frozen=True
    )

    database_url: str = Field(
        default="", description="SQLAlchemy URL; empty is SQLite in the data folder"
    )
    data_dir: Path = Field(
        default=Path("data"), description="where the database and files are kept"
    )
    zone: str = Field(default="Asia/Shanghai", description="time zone of groups that name none")
    admin_user: str = Field(default="admin", description="who signs in to the HR pages")
    admin_password_hash: str = Field(default="", description="made by: banzhang hash-password")
    secret_key: str = Field(
        default="", description="signs logins and calendar links; empty makes one"
    )
    public_url: str = Field(default="", description="how people and calendars reach us, https://…")
    ocr: bool = Field(
        default=False, description="read the words in pictures of new members; needs the ocr extra"
    )
    model_url: str = Field(
        default="", description="a language model's address, as OpenAI's /v1; empty asks none"
    )
    model_key: str = Field(default="", description="the key for the language model")
    model_name: str = Field(default="", description="which model to ask")
    simulator: bool = Field(
        default=False, description="test mode: a chat in the browser, never in use"
    )
    clock_file: Path | None = Field(
        default=None, description="test mode: the time for every process"
    )

    @property
    def url(self) -> str:
        """The database's URL."""
        return self.database_url or f"sqlite:///{self.data_dir.absolute() / 'banzhang.db'}"

    @cached_property
    def signing_key(self) -> str:
        """The key for logins; made once and kept when none was set."""
        if self.secret_key:
            return self.secret_key
        kept = self.data_dir / "secret.key"
        self.data_dir.mkdir(parents=True, exist_ok=True)
        try:
            handle = os.open(kept, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError:
            return kept.read_text()
        with os.fdopen(handle, "w") as file:
            key = secrets.token_urlsafe(32)
            file.write(key)
        return key
