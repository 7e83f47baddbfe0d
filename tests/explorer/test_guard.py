"""The guard lets through its own address and nothing else; plain ASGI, no server."""

import asyncio

import pytest

from ydsim.explorer.serve import HEADERS, Guard, new_token

TOKEN, PORT = "t0ken", 8521
HOST, ORIGIN = f"127.0.0.1:{PORT}", f"http://127.0.0.1:{PORT}"


class Inner:
    """An application that notes what reaches it and says yes."""

    def __init__(self):
        self.scopes = []

    async def __call__(self, scope, receive, send):
        self.scopes.append(scope)
        if scope["type"] == "websocket":
            await send({"type": "websocket.accept"})
        elif scope["type"] == "http":
            headers = [(b"content-type", b"text/plain"), (b"referrer-policy", b"unsafe-url")]
            await send({"type": "http.response.start", "status": 200, "headers": headers})
            await send({"type": "http.response.body", "body": b"yes"})


def ask(path, *, type_="http", host=HOST, origin=None, method="GET", more=()):
    """Send one request through a guard; return what was answered and what came through."""
    inner, sent = Inner(), []
    guard = Guard(inner, TOKEN, PORT)
    headers = [(b"host", host.encode())] if host is not None else []
    headers += [(b"origin", origin.encode())] if origin is not None else []
    scope = {"type": type_, "path": path, "headers": [*headers, *more], "method": method}

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    asyncio.run(guard(scope, receive, send))
    return sent, inner.scopes


def passes(*args, **options):
    sent, scopes = ask(*args, **options)
    if not scopes:
        refused = sent[0]
        assert refused.get("status") == 403 or refused["type"] == "websocket.close"
    return bool(scopes)


def test_the_address_that_was_printed_passes_and_knows_its_root():
    sent, scopes = ask(f"/{TOKEN}/")
    assert sent[0]["status"] == 200
    assert scopes[0]["root_path"] == f"/{TOKEN}"
    assert scopes[0]["path"] == f"/{TOKEN}/"


@pytest.mark.parametrize(
    "path", ["/", f"/{TOKEN}", f"/{TOKEN}x/", f"/{TOKEN[:-1]}/", f"//{TOKEN}/", "/static/main.js",
             f"/x/{TOKEN}/", f"/{TOKEN.upper()}/", "", "/é/"],
)  # fmt: skip
def test_no_path_without_the_token_passes(path):
    assert not passes(path)
    assert not passes(path, type_="websocket", origin=ORIGIN)


@pytest.mark.parametrize(
    "host", ["evil.example", f"evil.example:{PORT}", "127.0.0.1", "127.0.0.1:80", None, "",
             f"127.0.0.1:{PORT}.evil.example", f"[::1]:{PORT}", f"0.0.0.0:{PORT}"],
)  # fmt: skip
def test_a_name_that_was_pointed_here_does_not_pass(host):
    assert not passes(f"/{TOKEN}/", host=host)
    assert not passes(f"/{TOKEN}/ws", type_="websocket", host=host, origin=ORIGIN)


def test_two_hosts_do_not_pass():
    assert not passes(f"/{TOKEN}/", more=[(b"host", HOST.encode())])


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", f"https://127.0.0.1:{PORT}", "http://127.0.0.1",
               f"http://127.0.0.1:{PORT + 1}", f"{ORIGIN}.evil.example"],
)  # fmt: skip
def test_a_page_of_others_does_not_pass(origin):
    assert not passes(f"/{TOKEN}/", origin=origin)
    assert not passes(f"/{TOKEN}/", origin=origin, method="POST")
    assert not passes(f"/{TOKEN}/ws", type_="websocket", origin=origin)


def test_a_websocket_must_say_its_origin():
    path = f"/{TOKEN}/jupyter/api/kernels/x/channels"
    assert not passes(path, type_="websocket")
    assert passes(path, type_="websocket", origin=ORIGIN)
    assert passes(path, type_="websocket", origin=f"http://localhost:{PORT}")


def test_every_answer_carries_the_headers_once():
    for path in (f"/{TOKEN}/", "/"):
        sent, _ = ask(path)
        names = [name for name, _ in sent[0]["headers"]]
        assert all(names.count(name) == 1 for name, _ in HEADERS)
        assert (b"referrer-policy", b"no-referrer") in sent[0]["headers"]
        policy = dict(sent[0]["headers"])[b"content-security-policy"]
        assert b"http:" not in policy
        assert b"https:" not in policy


def test_what_is_refused_is_not_taken_for_a_visit():
    inner = Inner()
    guard = Guard(inner, TOKEN, PORT)
    guard.seen = 0.0

    async def nothing(message=None):
        return {}

    refused = {"type": "http", "path": "/", "headers": [(b"host", HOST.encode())]}
    asyncio.run(guard(refused, nothing, nothing))
    assert guard.seen == 0.0
    asyncio.run(guard({**refused, "path": f"/{TOKEN}/"}, nothing, nothing))
    assert guard.seen > 0.0


def test_tokens_are_long_and_differ():
    tokens = {new_token() for _ in range(50)}
    assert len(tokens) == 50
    assert min(map(len, tokens)) >= 43
