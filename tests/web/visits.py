"""Somebody who looks at the HR pages of a company, as a browser does."""

import asyncio
import re

from argon2 import PasswordHasher
from fastapi import FastAPI
from httpx import ASGITransport, AsyncClient, Response

from bot import app
from bot.config import Settings
from tests.build import Company

PASSWORD = "a long walk home"
HOSTILE = "<script>alert(1)</script>"
SECRET = "报价之前一定要先问清楚预算和去年的出险情况，不然没法比"
# The salt is fixed, so that tests have the same names in every process.
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD, salt=b"sea salt")


class Browser:
    """Follows no redirect, and posts forms with the token of the page it last saw."""

    def __init__(self, app: FastAPI, address: str) -> None:
        self.app = app
        self.csrf = ""
        self._client = AsyncClient(transport=ASGITransport(app), base_url=address)

    def get(self, path: str) -> Response:
        return asyncio.run(self._client.get(path))

    def look(self, path: str) -> Response:
        page = self.get(path)
        found = re.search(r'name="csrf" value="([^"]+)"', page.text)
        self.csrf = found[1] if found else self.csrf
        return page

    def send(self, path: str, **form: str) -> Response:
        return asyncio.run(self._client.post(path, data={"csrf": self.csrf} | form))

    def upload(self, path: str, name: str, content: bytes) -> Response:
        """Send a form with one file in it."""
        form = {"csrf": self.csrf}
        sent = self._client.post(path, data=form, files={name: ("海报.png", content)})
        return asyncio.run(sent)

    def sign_in(self, password: str = PASSWORD, **form: str) -> Response:
        self.look("/login")
        return self.send("/login", user="admin", password=password, **form)


def browser(company: Company, **settings: str) -> Browser:
    made = app.create(
        Settings(
            database_url=company.database.url,
            data_dir=company.folder,
            **{"admin_password_hash": HASH} | settings,
        ),
        gateways=[company.gateway],
        clock=company.clock,
    )
    return Browser(made, settings.get("public_url", "http://hr"))
