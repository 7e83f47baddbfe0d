"""The page in Chromium, from its own server: what is done there, what is asked of the net."""

import json
import os
import re
import signal
import socket
import time
import urllib.error
import urllib.request

import pytest

from tests.support import axe
from tests.support.browser import Browser, found
from tests.support.explored import explored
from ydsim.scenario.load import load_scenario

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(found() is None, reason="no Chromium (Debian: apt-get install chromium)"),
]

SCENARIO = """\
extends: synthetic
description: a small region
end: 2016
scale: 0.02
parameters: {population: {burn_in: 12}}
"""
WHEN = "document.getElementById('yd-when').textContent"
PNG = b"\x89PNG\r\n\x1a\n"


def do(name):
    return f"document.querySelector('[data-do={name}]')"


def at(selector):
    return f"document.querySelector('{selector}')"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    path = tmp_path_factory.mktemp("explore")
    (path / "small.yaml").write_text(SCENARIO, encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def server(folder):
    with explored(str(folder / "small.yaml"), folder=folder) as (address, process):
        yield address, process


@pytest.fixture
def page(server, folder, tmp_path):
    """A tab of its own, with its models at their first quarter."""
    browser = Browser(tmp_path / "profile")
    browser.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
    browser.width(1280)
    browser.open(server[0])
    browser.until("document.querySelector('.yd-card svg')")
    yield browser
    browser.close()


def change(browser, key, value):
    slider = at(f'[data-key="{key}"]')
    browser.ask(f"{slider}.value = {value}; {slider}.dispatchEvent(new Event('input'));"
                f"{slider}.dispatchEvent(new Event('change'))")  # fmt: skip


def choose(browser, select, value):
    browser.ask(f"{select}.value = '{value}'; {select}.dispatchEvent(new Event('change'))")


def downloaded(folder, name):
    end = time.monotonic() + 100
    while not (folder / name).exists():
        assert time.monotonic() < end, list(folder.iterdir())
        time.sleep(0.1)
    return (folder / name).read_bytes()


def errors(browser):
    """What the console says beyond remarks of Solara itself."""
    remarks = ("Starting WebSocket", "Failed to evaluate Vue script")
    return [line for line in browser.complaints if not any(r in line for r in remarks)]


def test_a_page_steps_compares_and_gives_away(page, server, tmp_path):
    before = page.ask(at(".yd-tiles") + ".innerText")
    page.ask(do("year") + ".click()")
    page.until(f"{WHEN} == '2011 Q4' && {do('run')}")
    assert page.ask(at(".yd-tiles") + ".innerText") != before

    page.ask(do("compare") + ".click()")
    page.until(at(".yd-tab"))
    page.ask(at('[data-switch="rd_grants"]') + ".click()")
    page.ask(at('[data-group="policies.rd_grants"]') + ".open = true")
    page.until(at('[data-key="policies.rd_grants.rate"]'))
    change(page, "policies.rd_grants.rate", 0.2)
    page.until("document.getElementById('yd-command-B').value.includes('rate=0.2')")
    assert "rd_grants" not in page.ask("document.getElementById('yd-command-A').value")
    page.ask(do("run") + ".click()")
    page.until(
        f"{WHEN} > '2012 Q1' && document.querySelectorAll('#yd-card-map figure').length == 3"
    )
    page.ask(at('[data-look="links"]') + ".focus()")  # controls answer while it runs
    page.until("document.getElementById('yd-state').textContent == 'finished'")
    assert page.ask(WHEN) == "2016 Q4"
    assert page.ask("document.querySelectorAll('#yd-card-rd svg').length") == 2
    assert "B less A +" in page.ask(at(".yd-tiles") + ".innerText")
    assert "R&D grants" in page.ask(at("#yd-card-policies") + ".innerText")

    page.ask("document.querySelectorAll('[data-do=yaml]')[1].click()")
    downloaded(tmp_path, "explored_b.yaml")
    scenario = load_scenario(tmp_path / "explored_b.yaml")
    assert scenario.policies["rd_grants"].rate == 0.2
    assert scenario.end == 2016
    page.ask(do("csv") + ".click()")
    lines = downloaded(tmp_path, "ydsim-series.csv").decode().splitlines()
    assert len(lines) == 1 + 2 * 24 * 5
    for card in ("rd", "map", "sales"):
        page.ask(at(f"#yd-card-{card} .yd-head button") + ".click()")
        assert downloaded(tmp_path, f"ydsim-{card}.png").startswith(PNG)

    assert errors(page) == []
    own = server[0].rsplit("/", 2)[0]
    here = (own, own.replace("http", "ws"), "data:", "blob:")
    elsewhere = [url for url in page.asked_for if not url.startswith(here)]
    assert elsewhere == []


@pytest.mark.skipif(not axe.FILE.exists(), reason="no axe-core (python -m tests.support.axe)")
def test_axe_finds_nothing_serious(page):
    page.ask(do("compare") + ".click()")
    page.ask("document.querySelectorAll('details').forEach((one, k) => one.open = k % 4 == 0)")
    page.until("document.querySelectorAll('.yd-control').length > 20 && " + at(".yd-tab"))
    page.ask(do("year") + ".click()")
    page.until(f"{WHEN} == '2011 Q4'")
    assert axe.findings(page) == []
    page.ask(at(".yd-note") + ".style.color = '#bbb'")
    assert "color-contrast" in str(axe.findings(page))  # it does see


def test_the_page_speaks_chinese_and_has_an_interval(folder, tmp_path):
    path = folder / "tiny.yaml"
    text = SCENARIO.replace("2016", "2011").replace("synthetic", "baseline")
    path.write_text(text.replace("description: a small region\n", ""), encoding="utf-8")
    with explored(str(path), "--lang", "zh", folder=tmp_path) as (address, _):
        browser = Browser(tmp_path / "profile")
        browser.width(1280)
        browser.open(address)
        browser.until("document.querySelector('.yd-card svg')")
        choose(browser, do("interval"), 4)
        browser.until("document.getElementById('yd-further').textContent.includes('2')")
        browser.until("document.querySelectorAll('#yd-card-rd svg polygon').length == 4")
        browser.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
        browser.until("document.querySelectorAll('.yd-control').length > 60")
        assert browser.ask("document.documentElement.lang") == "zh-CN"
        words = "[...document.querySelectorAll('{}')].map(one => one.textContent)"
        for what in (".yd-bar button", "h2", ".yd-name", ".yd-looks label", ".yd-looks option",
                     ".yd-check", ".yd-card svg > title", "summary > span", ".yd-meaning",
                     ".yd-note", ".yd-repeat label", "th", "#yd-further"):  # fmt: skip
            found = browser.ask(words.format(what))
            assert found, what
            english = [one for one in found if re.search("[a-z]{3}", one)
                       and not re.search("[\u4e00-\u9fff]", one)]  # fmt: skip
            assert english == [], what
        assert errors(browser) == []
        browser.close()


@pytest.mark.parametrize("width", [400, 1280])
def test_the_page_fits_the_screen(page, width, tmp_path):
    page.width(width)
    page.ask(do("year") + ".click()")
    page.until(f"{WHEN} == '2011 Q4'")
    page.wait_until_drawn()
    assert page.ask("document.documentElement.scrollWidth") <= width
    for what in (do("interval"), "document.getElementById('yd-foot')"):
        assert page.ask(f"{what}.getBoundingClientRect().bottom") < 800, what
    picture = page.picture()
    assert picture.startswith(PNG)
    if kept := os.environ.get("YDSIM_PICTURES"):
        with open(f"{kept}/explore_{width}.png", "wb") as file:
            file.write(picture)


def test_all_controls_have_names_and_take_the_keyboard(page):
    page.ask("document.querySelectorAll('details').forEach(one => one.open = true)")
    page.until("document.querySelectorAll('.yd-control').length > 60")
    page.call("Accessibility.enable")
    nodes = page.call("Accessibility.getFullAXTree")["nodes"]
    roles = ("button", "slider", "spinbutton", "checkbox", "combobox", "textbox")
    mine = [one for one in nodes if one.get("role", {}).get("value") in roles]
    assert len(mine) > 100
    nameless = [one for one in mine if not one.get("name", {}).get("value")]
    assert nameless == []
    page.ask(do("quarter") + ".focus()")
    for kind in ("keyDown", "keyUp"):
        page.call("Input.dispatchKeyEvent", type=kind, key="Enter", code="Enter", text="\r",
                  windowsVirtualKeyCode=13)  # fmt: skip
    page.until(f"{WHEN} == '2011 Q1'")


def test_what_is_wrong_is_said_and_not_run(page):
    page.ask("var one = document.getElementById('yd scale'); one.value = 7;"
             "one.dispatchEvent(new Event('change'))")  # fmt: skip
    page.until(at(".yd-errors"))
    assert "scale" in page.ask(at(".yd-errors") + ".innerText")
    assert page.ask(do("run") + ".disabled")


def test_models_are_freed_when_a_tab_closes(page, server):
    def kernels():
        with urllib.request.urlopen(f"{server[0]}resourcez") as answer:
            return json.load(answer)["kernels"]

    before = kernels()  # tabs of other tests may have lost their connection
    assert before["has_connected"] == 1
    page.open("about:blank")
    end = time.monotonic() + 60
    while (now := kernels())["has_connected"]:
        assert time.monotonic() < end
        time.sleep(0.2)
    assert now["has_disconnected"] <= before["has_disconnected"]


def test_without_the_token_nothing_is_served(server):
    root = server[0].rsplit("/", 2)[0]
    for path in ("/", "/x/", "/resourcez", "/static/main-vuetify.js", "/jupyter/api/kernels/x"):
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(root + path)
        assert refused.value.code == 403
        refused.value.close()
    evil = urllib.request.Request(server[0], headers={"Host": "evil.example"})
    with pytest.raises(urllib.error.HTTPError) as refused:
        urllib.request.urlopen(evil)
    assert refused.value.code == 403
    refused.value.close()


@pytest.mark.parametrize(("root", "origin", "answer"), [
    ("token", "own", b"101"), ("token", "http://evil.example", b"403"), ("x", "own", b"403"),
])  # fmt: skip
def test_the_websocket_is_guarded_too(server, root, origin, answer):
    own, token = server[0].rstrip("/").rsplit("/", 1)
    host = own.removeprefix("http://")
    name, port = host.split(":")
    request = (
        f"GET /{token if root == 'token' else root}/jupyter/api/kernels/k/channels?session_id=s "
        f"HTTP/1.1\r\nHost: {host}\r\nOrigin: {own if origin == 'own' else origin}\r\n"
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
    )
    with socket.create_connection((name, int(port)), timeout=60) as sock:
        sock.sendall(request.encode())
        assert sock.recv(100).split()[1] == answer


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_with_an_open_page(folder, tmp_path, number):
    with explored("ten_firms", folder=tmp_path) as (address, process):
        browser = Browser(tmp_path / "profile")
        browser.open(address)
        browser.until("document.querySelector('.yd-card svg')")
        browser.ask(do("run") + ".click()")
        process.send_signal(number)
        code = process.wait(timeout=60)
        browser.close()
    assert code == (0 if number == signal.SIGINT else -signal.SIGTERM)
    assert "Traceback" not in (tmp_path / "stderr").read_text()


def test_finished_results_are_shown_and_nothing_can_be_run(folder, tmp_path):
    from ydsim.cli import main

    assert main(["run", str(folder / "small.yaml"), "--replicates", "3", "--no-figures", "-q",
                 "-o", str(tmp_path / "done")]) == 0  # fmt: skip
    with explored(str(tmp_path / "done"), folder=tmp_path) as (address, _):
        browser = Browser(tmp_path / "profile")
        browser.call("Page.setDownloadBehavior", behavior="allow", downloadPath=str(tmp_path))
        browser.open(address)
        browser.until("document.querySelector('.yd-card svg polygon')")  # ranges
        assert browser.ask("document.querySelectorAll('[data-do=run]').length") == 0
        choose(browser, at('[data-look="figure"]'), "overview")
        browser.until(at("#yd-card-figure img"))
        browser.ask(do("csv") + ".click()")
        lines = downloaded(tmp_path, "ydsim-yearly.csv").decode().splitlines()
        assert lines[0].startswith("indicator,region,year,replicates,median")
        assert {line.split(",")[3] for line in lines[1:]} == {"3"}
        assert errors(browser) == []
        browser.close()
