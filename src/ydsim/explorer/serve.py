"""The server of a page: on this machine alone, behind a guard, until Ctrl-C.

Solara is set by variables of the environment before it is imported: no telemetry, no assets from
elsewhere (they come from the package solara-assets), no banner. What Solara would fetch from the
net is pointed to a port of this machine where nothing listens.
"""

from __future__ import annotations

import errno
import importlib
import importlib.util
import os
import shutil
import socket
import tempfile
import threading
import time
import warnings
import webbrowser
from typing import Any, Final

from ydsim.errors import ResourceError, UsageError
from ydsim.explorer.guard import LOOPBACK, Guard, new_token
from ydsim.translation import gettext as _t

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


def serve(page: str, what: str, *, port: int | None = None, browser: bool = True) -> None:
    """Serve a page until it is stopped.

    ``page``: the module of this package that has it. ``what``: the scenario or results it begins
    with. ``port``: as of `listen`. ``browser``: whether the page is opened in the user's browser.
    """
    require_extra()
    sock = listen(port)
    number = int(sock.getsockname()[1])
    token = new_token()
    address = f"http://{LOOPBACK}:{number}/{token}/"
    server, guard = _server(page, what, token, number, address)
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


def _server(page: str, what: str, token: str, port: int, address: str) -> tuple[Any, Guard]:
    """Return the server, and the guard before its pages."""
    os.environ |= {
        "SOLARA_APP": f"{__package__}.{page}",
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
        importlib.import_module(f"{__package__}.{page}").begin_with(what)
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
