"""Whether a call really comes from an implementation that we know."""

import hmac
import logging

from starlette.websockets import WebSocket

from bot.gateways.contract import Forged, Webhook
from bot.gateways.onebot.payload import ident
from bot.gateways.onebot.settings import Account, OneBotSettings

logger = logging.getLogger(__name__)


class Trust:
    """Checks signatures and tokens. A missing setting refuses, and is logged once."""

    def __init__(self, settings: OneBotSettings) -> None:
        self._settings = settings
        self._told: set[str] = set()

    def signed(self, hook: Webhook) -> None:
        """HMAC-SHA1 of the raw body. Raises Forged: 401 without a signature, 403 for the rest."""
        account = self._account(hook.headers.get("x-self-id", ""))
        secret = account.secret.get_secret_value()
        if not secret:
            raise self._closed("secret", account)
        given = hook.headers.get("x-signature", "")
        if not given:
            raise Forged("no X-Signature", 401)
        right = "sha1=" + hmac.digest(secret.encode(), hook.body, "sha1").hex()
        if not same(given, right):
            raise Forged("wrong X-Signature")

    def admitted(self, socket: WebSocket) -> str:
        """The self id of a connection with the right token. Raises Forged: 401 without a token."""
        self_id = ident(socket.headers.get("x-self-id"))
        if not self_id:
            raise Forged("no X-Self-ID")
        account = self._account(self_id)
        token = account.token.get_secret_value()
        if not token:
            raise self._closed("token", account)
        given = bearer(socket)
        if not given:
            raise Forged("no token", 401)
        if not same(given, token):
            raise Forged("wrong token")
        return self_id

    def _account(self, self_id: str) -> Account:
        account = self._settings.account(self_id)
        if account is None:
            raise Forged("not an account of ours")
        return account

    def _closed(self, setting: str, account: Account) -> Forged:
        where = f" of account {account.self_id}" if account.self_id else ""
        missing = f"BANZHANG_ONEBOT: the {setting}{where} is not set"
        if missing not in self._told:
            self._told.add(missing)
            logger.warning("%s, so what it would protect is refused", missing)
        return Forged(missing)


def bearer(socket: WebSocket) -> str:
    """The token of a handshake, from its header or, where that says nothing, its query.

    go-cqhttp writes `Token` where the standard has `Bearer`.
    """
    scheme, _, token = socket.headers.get("authorization", "").partition(" ")
    if scheme.lower() in ("bearer", "token") and token.strip():
        return token.strip()
    return socket.query_params.get("access_token", "")


def same(given: str, right: str) -> bool:
    """In constant time, and for any text: `compare_digest` on str takes ASCII only."""
    return hmac.compare_digest(given.encode(errors="replace"), right.encode())
