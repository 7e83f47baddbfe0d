"""The site of the documentation: built strictly, whole in itself, every link with an end."""

import json
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest

from tools import site
from tools.site import SiteError, adapted, api, build, in_navigation, sources

LIMIT = 30e6
FETCHED = {"link": "href", "script": "src", "img": "src", "iframe": "src", "source": "src"}


class Page(HTMLParser):
    """What a page fetches, where it leads, and the anchors that it has."""

    def __init__(self, path):
        super().__init__()
        self.fetched, self.leads, self.anchors = [], [], set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attrs):
        found = dict(attrs)
        self.anchors |= {found[key] for key in ("id", "name") if found.get(key)}
        if tag in FETCHED and found.get(FETCHED[tag]):
            self.fetched.append(found[FETCHED[tag]])
        if tag == "a" and found.get("href"):
            self.leads.append(found["href"])


def outside(link):
    return bool(urlsplit(link).scheme or urlsplit(link).netloc) and not link.startswith("data:")


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    pytest.importorskip("zensical", reason="the extra docs is not installed")
    folder = tmp_path_factory.mktemp("site") / "html"
    build(folder)
    return folder


@pytest.fixture(scope="module")
def pages(built):
    return {path: Page(path) for path in sorted(built.rglob("*.html"))}


@pytest.mark.slow
def test_nothing_is_fetched_from_elsewhere(built, pages):
    assert len(pages) > 70
    fetched = {link for page in pages.values() for link in page.fetched}
    assert {link for link in fetched if outside(link)} == set()
    styles = [path.read_text(encoding="utf-8") for path in built.rglob("*.css")]
    assert styles
    assert [text for text in styles if "url(http" in text or "@import" in text] == []


def end(page, link, built):
    """Return the file and the anchor to which a link of a page leads."""
    parts = urlsplit(link)
    if not parts.path:
        return page, unquote(parts.fragment)
    base = built if parts.path.startswith("/") else page.parent
    path = (base / unquote(parts.path).lstrip("/")).resolve()
    return path / "index.html" if path.is_dir() else path, unquote(parts.fragment)


@pytest.mark.slow
def test_every_link_and_anchor_has_an_end(built, pages):
    lost = []
    for page, found in pages.items():
        for link in [*found.fetched, *found.leads]:
            if outside(link) or link.startswith("data:"):
                continue
            path, anchor = end(page, link, built)
            if not path.is_file() or (
                anchor and path.suffix == ".html" and anchor not in pages[path].anchors
            ):
                lost.append((page.relative_to(built).as_posix(), link))
    assert lost == []


@pytest.mark.slow
def test_the_search_index_has_every_page_and_a_term(built, pages):
    index = json.loads((built / "search.json").read_text(encoding="utf-8"))
    found = {entry["location"].partition("#")[0] for entry in index["items"]}
    places = {path.relative_to(built).as_posix() for path in pages}
    assert places - found - {"404.html", "index.html"} == set()
    assert any("Posterior." in entry["text"] for entry in index["items"])


@pytest.mark.slow
def test_the_site_is_small(built):
    assert sum(path.stat().st_size for path in built.rglob("*") if path.is_file()) < LIMIT


def test_every_page_has_one_place_in_the_navigation():
    nav = site.navigation()
    assert sorted(in_navigation(nav)) == sorted({**sources(), **api()})


def test_paths_become_links_and_code_in_lists_stays_code():
    text = "See `docs/compare.md`, `CONTRIBUTING.md`, `none.md`.\n\n- a\n\n      $ ydsim list\n"
    places = {"compare.md", "contributing.md", "odd/seek.md"}
    home, below = (adapted(text, place, places) for place in ("index.md", "odd/seek.md"))
    assert (
        "[`docs/compare.md`](compare.md), [`CONTRIBUTING.md`](contributing.md), `none.md`" in home
    )
    assert "[`docs/compare.md`](../compare.md)" in below
    assert "\n        $ ydsim list\n" in home
    fenced = "```yaml\n      key: `docs/compare.md`\n```\n"
    assert adapted(fenced, "index.md", places) == fenced


def test_a_folder_that_holds_something_stays_as_it_is(tmp_path):
    kept = tmp_path / "mine.txt"
    kept.write_text("mine")
    with pytest.raises(SiteError, match=str(tmp_path)):
        build(tmp_path)
    assert list(Path(tmp_path).iterdir()) == [kept]


def test_lines_of_a_chinese_sentence_are_joined_and_nothing_else_is():
    text = (
        "- 一句话\n  继续。\n  `code`\n- 下一项\n\n说明，\n*word*。\n1. one\n\n```\n一\n二\n```\n"
    )
    joined = "- 一句话继续。`code`\n- 下一项\n\n说明，*word*。\n1. one\n\n```\n一\n二\n```\n"
    assert adapted(text, "zh/page.md", set()) == joined
    assert (
        adapted("English\nlines 中文\nand\n中", "page.md", set()) == "English\nlines 中文\nand\n中"
    )
