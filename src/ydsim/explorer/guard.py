"""Who may speak with the server of a page: whoever has its address, from this machine.

The address has a secret part, ``/TOKEN/``, in which all pages, files and the websocket lie. In
front of it stand two checks against pages of others in the same browser: the header ``Host`` must
name this server (or a name that somebody has pointed at 127.0.0.1 would reach it), and ``Origin``,
which browsers send with websockets and forms, must be this server. Whatever fails is answered with
403, before anything of Solara sees it.

It is plain ASGI and imports nothing of Solara.
"""

from __future__ import annotations

import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
App: TypeAlias = Callable[[Scope, Receive, Send], Awaitable[None]]

LOOPBACK: Final = "127.0.0.1"

HEADERS: Final = (
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (
        b"content-security-policy",
        # Solara compiles its templates in the browser, and takes all that it loads from here
        b"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:; frame-ancestors 'none'; "
        b"form-action 'none'; base-uri 'self'; object-src 'none'",
    ),
)
"""Headers of every answer: no address in a referrer, no frame around it, nothing from elsewhere."""


def new_token() -> str:
    """Return the secret part of an address: 32 random bytes."""
    return secrets.token_urlsafe(32)


class Guard:
    """An ASGI application that lets through what may speak with another one.

    ``app`` sees paths without the secret part, which it finds in ``root_path``. ``port`` is that of
    the server. `seen` is the time at which something was last let through, and `open` the number of
    websockets that are open.
    """

    def __init__(self, app: App, token: str, port: int) -> None:
        self._app = app
        self._root = f"/{token}"
        self._hosts = {f"{LOOPBACK}:{port}", f"localhost:{port}"}
        self._origins = {f"http://{host}" for host in self._hosts}
        self.seen = time.monotonic()
        self.open = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] == "lifespan":
            await self._app(scope, receive, send)
            return
        if not self.allows(scope):
            await _refuse(scope, receive, send)
            return
        self.seen = time.monotonic()
        inner = {**scope, "root_path": self._root}
        if scope["type"] == "http":
            await self._app(inner, receive, _with_headers(send))
            return
        self.open += 1
        try:
            await self._app(inner, receive, send)
        finally:
            self.open -= 1
            self.seen = time.monotonic()

    def allows(self, scope: Scope) -> bool:
        """Tell whether a request comes from the page of this server, or from its address."""
        headers: dict[bytes, list[str]] = {}
        for name, value in scope.get("headers", ()):
            headers.setdefault(name.lower(), []).append(value.decode("latin-1"))
        hosts, origins = headers.get(b"host", []), headers.get(b"origin", [])
        if len(hosts) != 1 or hosts[0].lower() not in self._hosts:
            return False
        if scope["type"] == "websocket" and not origins:
            return False
        if any(origin.lower() not in self._origins for origin in origins):
            return False
        path = str(scope.get("path", ""))
        root, slash, _ = path[1:].partition("/")
        same = hmac.compare_digest(f"/{root}".encode(), self._root.encode())
        return same and bool(slash)


def _with_headers(send: Send) -> Send:
    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            own = {name for name, _ in HEADERS}
            kept = [pair for pair in message.get("headers", ()) if pair[0].lower() not in own]
            message = {**message, "headers": [*kept, *HEADERS]}
        await send(message)

    return sent


async def _refuse(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer 403; a websocket is refused before it is open, which servers answer with 403 too."""
    if scope["type"] == "websocket":
        await receive()
        await send({"type": "websocket.close", "code": 1008})
        return
    body = b"403: this address is not the one that `ydsim explore` has printed\n"
    await send(
        {
            "type": "http.response.start",
            "status": 403,
            "headers": [(b"content-type", b"text/plain; charset=utf-8"), *HEADERS],
        }
    )
    await send({"type": "http.response.body", "body": body})
