"""The server of a page: on this machine alone, behind a guard, until Ctrl-C.

The address has a secret part, ``/TOKEN/``, in which all pages, files and the websocket lie. In
front of it stand two checks against pages of others in the same browser: the header ``Host`` must
name this server (or a name that somebody has pointed at 127.0.0.1 would reach it), and ``Origin``,
which browsers send with websockets and forms, must be this server. Whatever fails is answered with
403, before anything of Solara sees it: the guard is plain ASGI.

Solara is set by variables of the environment before it is imported: no telemetry, no assets from
elsewhere (they come from the package solara-assets), no banner. What Solara would fetch from the
net is pointed to a port of this machine where nothing listens.
"""

from __future__ import annotations

import errno
import hmac
import importlib
import importlib.util
import os
import secrets
import shutil
import socket
import tempfile
import threading
import time
import warnings
import webbrowser
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, Final, TypeAlias

from ydsim.errors import ResourceError, UsageError
from ydsim.translation import gettext as _t

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


# -- the server ------------------------------------------------------------------------------------


NEEDED: Final = ("solara", "starlette", "uvicorn", "ipyvuetify")
"""Packages of the extra."""

PORT: Final = 8521
"""The usual port; the next free one where none is named and this is taken."""

IDLE_HOURS = 12.0
"""Hours without an open page after which a server ends."""

CLOSED_AFTER: Final = "2m"
"""After this time a tab that has lost its connection is taken for closed."""


def require_extra() -> None:
    """Raise a `UsageError` that says what to install, where the extra is missing."""
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        message = _t("explore needs {packages}; install: pip install 'ydsim[explorer]'")
        raise UsageError(message.format(packages=", ".join(missing)))


def listen(port: int | None) -> socket.socket:
    """Return a socket of this machine that listens on a port, the usual one when None.

    ResourceError when the port is taken or not allowed.
    """
    if port is None:
        try:
            return _bound(PORT)
        except OSError:
            return _bound(0)
    try:
        return _bound(port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            message = _t("port {port} is taken; use another --port, or 0 for any free one")
        else:
            message = _t("port {port} cannot be used: {reason}")
        reason = error.strerror or str(error)
        raise ResourceError(message.format(port=port, reason=reason)) from None


def _bound(port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((LOOPBACK, port))
        found.listen()  # who opens the address at once waits until it is served
    except OSError:
        found.close()
        raise
    return found


def serve(*, port: int | None = None, browser: bool = True, **what: str) -> None:
    """Serve a page until it is stopped.

    ``port``: as of `listen`. ``browser``: whether the page is opened in the user's browser.
    ``what``: the scenario or results it begins with, as of `ydsim.explorer.page.begin_with`.
    """
    require_extra()
    sock = listen(port)
    number = int(sock.getsockname()[1])
    token = new_token()
    address = f"http://{LOOPBACK}:{number}/{token}/"
    server, guard = _server(token, number, address, **what)
    ended = threading.Event()
    threading.Thread(target=_end_idle, args=(server, guard, ended), daemon=True).start()
    print(address, flush=True)
    print(_t("Serving this machine alone; Ctrl-C ends it."), flush=True)
    if browser:
        threading.Thread(target=webbrowser.open, args=(address,), daemon=True).start()
    try:
        server.run(sockets=[sock])
    except KeyboardInterrupt:  # Ctrl-C is how it is ended
        pass
    finally:
        ended.set()
        sock.close()
        importlib.import_module(f"{__package__}.session").end_all()


def _server(token: str, port: int, address: str, **what: str) -> tuple[Any, Guard]:
    """Return the server, and the guard before its pages."""
    os.environ |= {
        "SOLARA_APP": f"{__package__}.page",
        "SOLARA_HOME": tempfile.mkdtemp(prefix="ydsim-explore-"),
        "SOLARA_MODE": "production",
        "SOLARA_BASE_URL": address,
        "SOLARA_ROOT_PATH": f"/{token}",
        "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
        "SOLARA_ASSETS_CDN": f"http://{LOOPBACK}:9/",
        "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False",
        "SOLARA_THEME_SHOW_BANNER": "False",
        "SOLARA_THEME_TITLE": "ydsim",
        "SOLARA_THEME_LOADER": "plain",
        "SOLARA_KERNEL_CULL_TIMEOUT": CLOSED_AFTER,
        "SOLARA_SESSION_HTTP_ONLY": "True",
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of packages that they import
        import uvicorn
        from solara.server.starlette import app

        patch = importlib.import_module("solara.server.patch")
        # its settings of Matplotlib for each tab do not read style files as Matplotlib does
        setattr(patch, "patch_heavy_imports", lambda: None)  # noqa: B010
        importlib.import_module(f"{__package__}.page").begin_with(**what)
    shutil.rmtree(os.environ["SOLARA_HOME"], ignore_errors=True)  # all that it wants is there
    warnings.filterwarnings("ignore", module=r"solara\.server\..*")
    guard = Guard(app, token, port)
    config = uvicorn.Config(
        guard,
        loop="asyncio",
        log_level="error",
        access_log=False,
        server_header=False,
        proxy_headers=False,
        timeout_graceful_shutdown=1,
        ws_max_size=2**20,
    )
    return uvicorn.Server(config), guard


def _end_idle(server: Any, guard: Guard, ended: threading.Event) -> None:
    """End a server that nobody has looked at for a long time."""
    while not ended.wait(min(60.0, 900.0 * IDLE_HOURS)):
        if not guard.open and time.monotonic() - guard.seen > 3600.0 * IDLE_HOURS:
            server.should_exit = True
            return
