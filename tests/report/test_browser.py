"""The page in Chromium: nothing to complain of, on a wide screen, on a narrow one, on paper."""

import base64
from itertools import pairwise

import pytest

from tests.support import axe
from tests.support.browser import Browser, found
from tests.support.made_page import page_of_two

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(found() is None, reason="no Chromium (Debian: apt-get install chromium)"),
]

CONTRAST = """(() => {
  const light = c => { const v = c.map(x => { x /= 255;
      return x <= .03928 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4; });
    return .2126 * v[0] + .7152 * v[1] + .0722 * v[2]; };
  const rgb = text => text.match(/[\\d.]+/g).map(Number);
  const under = e => { for (; e; e = e.parentElement) {
      const c = rgb(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c.slice(0, 3); } return [255, 255, 255]; };
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  const worst = {};
  for (let n = walk.nextNode(); n; n = walk.nextNode()) {
    if (!n.data.trim()) continue;
    const a = light(rgb(getComputedStyle(n.parentElement).color).slice(0, 3));
    const b = light(under(n.parentElement));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05);
    const key = n.parentElement.tagName + '.' + n.parentElement.className;
    worst[key] = Math.min(worst[key] ?? 99, ratio);
  }
  return worst; })()"""

OPEN = "document.querySelectorAll('details').forEach(one => one.open = true)"


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page_of_two(), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def browser(page):
    one = Browser(page.parent / "profile")
    one.open(page)
    yield one
    one.close()


def test_nothing_is_complained_of_and_nothing_fetched(browser, page):
    assert browser.complaints == []
    outside = [url for url in browser.asked_for if not url.startswith(("data:", page.as_uri()))]
    assert outside == []


def test_no_picture_is_broken(browser):
    sizes = browser.ask("[...document.images].map(i => [i.complete, i.naturalWidth, i.alt.length])")
    assert len(sizes) > 3
    assert all(complete and width > 300 and words > 40 for complete, width, words in sizes)


@pytest.mark.skipif(not axe.FILE.exists(), reason="no axe-core (python -m tests.support.axe)")
def test_axe_finds_nothing_serious(browser, page):
    browser.ask(OPEN)
    assert axe.findings(browser) == []
    browser.ask("document.querySelector('p').style.color = '#bbb'")
    assert "color-contrast" in str(axe.findings(browser))  # it does see
    browser.open(page)


def test_text_stands_out_from_its_ground(browser):
    ratios = browser.ask(CONTRAST)
    assert len(ratios) > 8
    assert {key: ratio for key, ratio in ratios.items() if ratio < 4.5} == {}


def test_headings_are_in_order(browser):
    levels = browser.ask("[...document.querySelectorAll('h1,h2,h3,h4')].map(h => +h.tagName[1])")
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(then <= first + 1 for first, then in pairwise(levels))


@pytest.mark.parametrize("width", [360, 768, 1200])
def test_the_page_is_not_wider_than_the_screen(browser, width):
    browser.width(width)
    browser.ask(OPEN)
    assert browser.ask("document.documentElement.scrollWidth") <= width
    # what is wider scrolls in a box of its own that the keyboard reaches
    wider = """[...document.querySelectorAll('*')].filter(e => {
        const box = getComputedStyle(e);
        return e.scrollWidth > e.clientWidth + 1 && box.overflowX != 'visible'
          && e.getAttribute('tabindex') != '0'; }).map(e => e.tagName + '.' + e.className)"""
    assert browser.ask(wider) == []


def test_it_prints_with_its_folded_tables(browser, page):
    browser.open(page)
    browser.call("Emulation.setEmulatedMedia", media="print")
    browser.wait_until_drawn()
    hidden = browser.ask("[...document.querySelectorAll('details td')].filter(e => "
                         "!e.checkVisibility({contentVisibilityAuto: true})).length")  # fmt: skip
    assert hidden == 0
    assert browser.ask("getComputedStyle(document.querySelector('nav')).display") == "none"
    pdf = base64.b64decode(browser.call("Page.printToPDF")["data"])
    assert pdf.startswith(b"%PDF")
    assert pdf.count(b"/Type /Page\n") + pdf.count(b"/Type /Page ") > 3
    browser.call("Emulation.setEmulatedMedia", media="")
