"""Who may ask: on loopback anybody, elsewhere only who has a key."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Sequence

from pydantic import SecretStr
from starlette.types import ASGIApp, Receive, Scope, Send

from api.problems import problem
from api.settings import Settings
from bessline.errors import BadParameter

OPEN_PATHS = ("/livez",)
_SAFE = ("GET", "HEAD", "OPTIONS")
_OWN = (b"same-origin", b"none")
_HOW = "set BESSLINE_KEYS (several with commas between), and clients send Authorization: Bearer KEY"


def check_access(settings: Settings) -> None:
    """Refuse to listen to the world without keys."""
    if not settings.keys and not is_loopback(settings.host):
        raise BadParameter("host", f"--host {settings.host} can be reached from elsewhere and no keys are set; {_HOW}")


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach `host`.

    >>> [is_loopback(host) for host in ("127.0.0.1", "localhost", "::1", "0.0.0.0", "plant.example")]
    [True, True, True, False, False]
    """
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0]).is_loopback
    except ValueError:
        return host.lower() == "localhost"


class Access:
    """Lets a request through to `app` if it brings one of `keys`.

    Without keys, whoever came in by an address that is not loopback is refused: `uvicorn main:app --host 0.0.0.0`
    cannot be kept from starting, but it can be kept from telling. Nor may a page of another origin than `origins`
    change anything by the hand of who looks at it: what a browser sends without asking first needs no key to get here.
    """

    def __init__(self, app: ASGIApp, *, keys: Sequence[SecretStr], origins: Sequence[str] = ()) -> None:
        self._app, self._origins = app, origins
        self._keys = [key.get_secret_value().encode() for key in keys]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["path"] in OPEN_PATHS:
            await self._app(scope, receive, send)
        elif self._keys and not self._holds_key(scope):
            headers = {"WWW-Authenticate": 'Bearer realm="bessline"'}
            await problem(scope, 401, "send Authorization: Bearer KEY", headers=headers)(scope, receive, send)
        elif not self._keys and _is_exposed(scope):
            await problem(scope, 403, f"this server has no keys and answers on loopback only; {_HOW}")(
                scope, receive, send
            )
        elif not self._keys and self._is_foreign(scope):
            await problem(scope, 403, "a page of another origin may change nothing here")(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    def _is_foreign(self, scope: Scope) -> bool:
        """Whether a browser says that a page of another origin has made it send this."""
        headers = dict(scope["headers"])
        if scope["method"] in _SAFE or headers.get(b"sec-fetch-site", b"none") in _OWN:
            return False
        return headers.get(b"origin", b"").decode("latin-1") not in self._origins

    def _holds_key(self, scope: Scope) -> bool:
        given = next((value for name, value in scope["headers"] if name == b"authorization"), b"")
        scheme, _, key = given.partition(b" ")
        # every key is compared, so that the time taken does not tell which one was near
        matches = [hmac.compare_digest(key.strip(), own) for own in self._keys]
        return scheme.lower() == b"bearer" and any(matches)


def _is_exposed(scope: Scope) -> bool:
    address = (scope.get("server") or ("",))[0]
    try:
        ipaddress.ip_address(address)
    except ValueError:
        return False
    return not is_loopback(address)
