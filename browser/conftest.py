"""A server for the built site, a browser, and what one visit to each of its pages shows."""

from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import pytest
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[1]
BROWSER = Path("/usr/bin/chromium")
# The browser may reach the server of the site and nothing else.
FLAGS = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
]
DESKTOP = {"width": 1280, "height": 800}
PHONE = {"width": 360, "height": 740}


class Quiet(SimpleHTTPRequestHandler):
    """Handler that writes no log."""

    def log_message(self, *args):
        """Leave the log of the tests alone."""


def pytest_addoption(parser):
    """Admit another folder than that of `make docs`."""
    parser.addoption("--site", type=Path, default=ROOT / "docs" / "_build" / "html")


@pytest.fixture(scope="session")
def site(request):
    """Folder of the built site."""
    folder = request.config.getoption("--site")
    if not (folder / "index.html").exists():
        pytest.exit(f"{folder} has no index.html: build the site with `make docs`", 2)
    return folder


@pytest.fixture(scope="session")
def address(site):
    """Address of the site on this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=site))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="session")
def chromium():
    """Headless browser with an empty profile."""
    if not BROWSER.exists():
        pytest.exit(f"{BROWSER} is absent: `apt-get install chromium` on Debian", 2)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=BROWSER, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def tab(chromium, address):
    """New tab of a window as wide as a desktop's; relative addresses are those of the site."""
    with new_tab(chromium, address) as tab:
        yield tab


def new_tab(chromium, address):
    """Tab with an empty profile, in light colours and without animation."""
    return chromium.new_page(
        base_url=address, viewport=DESKTOP, color_scheme="light", reduced_motion="reduce"
    )


@pytest.fixture(scope="session")
def pages(site, chromium, address):
    """All pages of the site by name, each opened once."""
    files = sorted(path.relative_to(site).as_posix() for path in site.rglob("*.html"))
    with new_tab(chromium, address) as tab:
        tab.add_init_script(path=Path(__file__).with_name("probe.js"))
        return {name: visit(tab, name, address) for name in files if name[:8] != "_static/"}


@contextmanager
def listening(tab, noise, address):
    """Note what the browser complains about, and requests to other servers."""

    def foreign(request):
        if not request.url.startswith((address, "data:", "blob:")):
            noise.append(f"asks another server: {request.url}")

    def spoken(message):
        if message.type in ("error", "warning"):
            noise.append(f"console {message.type}: {message.text}")

    ears = {
        "console": spoken,
        "pageerror": lambda error: noise.append(f"error of a script: {error}"),
        "request": foreign,
        "requestfailed": lambda request: noise.append(f"request failed: {request.url}"),
    }
    for event, ear in ears.items():
        tab.on(event, ear)
    yield
    for event, ear in ears.items():
        tab.remove_listener(event, ear)


def visit(tab, name, address):
    """Open a page, light and dark, on a desktop and on a phone: what was seen."""
    noise = []
    with listening(tab, noise, address):
        tab.set_viewport_size(DESKTOP)
        tab.emulate_media(color_scheme="light")
        tab.goto(name)
        seen = tab.evaluate("probe.contents()")
        seen["light"] = tab.evaluate("probe.colors()")
        tab.keyboard.press("Tab")
        seen["focus"] = tab.evaluate("probe.focus()")
        tab.emulate_media(color_scheme="dark")
        seen["dark"] = tab.evaluate("probe.colors()")
        tab.set_viewport_size(PHONE)
        seen |= tab.evaluate("probe.phone()")
    return {"name": name, "noise": noise, **seen}
