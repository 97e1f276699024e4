"""The built site in a real browser: every page loads, leads somewhere and can be read."""

from collections import defaultdict
from urllib.parse import unquote, urldefrag

import pytest


def fail_on(faults, remedy):
    """Fail with all faults, one a line, and what to do."""
    if faults := list(faults):
        pytest.fail("\n".join([f"{len(faults)} faults. {remedy}", *faults]), pytrace=False)


def each(pages, key):
    """Faults of one kind on all pages: the name of the page, its first fault, how many more."""
    for name, page in pages.items():
        if page[key]:
            more = len(page[key]) - 1
            yield f"{name}: {page[key][0]}" + (f" (and {more} more)" if more else "")


def test_site_has_its_parts(pages):
    parts = {"index.html", "reference.html", "auto_examples/index.html", "report.html"}
    parts |= {"papers.html", "words.html", "auto_examples/plot_patients.html"}
    fail_on(sorted(parts - set(pages)), "These pages are missing from the site: `make docs`.")


def test_pages_load_without_complaint_and_ask_no_other_server(pages):
    fail_on(each(pages, "noise"), "Open the page with the browser's console.")


def dead_links(page, pages, site, address):
    """Links of a page to files or headings of the site that do not exist."""
    inside = {link.removeprefix(address) for link in page["links"] if link.startswith(address)}
    for link in sorted(inside):
        path, anchor = map(unquote, urldefrag(link.partition("?")[0]))
        target = pages.get(path or "index.html")
        if path and not (site / path).is_file():
            yield f"{page['name']}: {path} is no file"
        elif anchor and target and anchor not in target["ids"]:
            yield f"{page['name']}: {path} has no #{anchor}"


def test_links_lead_to_files_and_headings_that_exist(site, pages, address):
    dead = [fault for page in pages.values() for fault in dead_links(page, pages, site, address)]
    fail_on(dead, "Correct the link, or the heading that it names.")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_text_stands_out_from_its_background(pages, scheme):
    places = defaultdict(list)
    for name, page in pages.items():
        for fault in page[scheme]["faint"]:
            places[fault["colors"]].append(f"{name}: {fault['name']}")
    faults = [f"{colors}, {len(where)} times: {where[0]}" for colors, where in places.items()]
    fail_on(faults, "WCAG wants a contrast of 4.5, of large text 3: change the colours.")


def test_pages_are_light_or_dark_as_the_reader_has_it(pages):
    faults = []
    for name, page in pages.items():
        light, dark = page["light"]["ground"], page["dark"]["ground"]
        if not dark < 0.1 < 0.8 < light:
            faults.append(f"{name}: luminance {light:.2f} when light, {dark:.2f} when dark")
    fail_on(faults, "Let the style follow `prefers-color-scheme`.")


def test_no_page_is_wider_than_a_phone(pages):
    remedy = "Give wide tables, code and figures a box with `overflow-x: auto`."
    fail_on(each(pages, "wide"), remedy)


def test_no_text_is_smaller_than_12_pixels(pages):
    fail_on(each(pages, "small"), "Make the text larger.")


def test_images_say_what_they_show(pages):
    fail_on(each(pages, "nameless"), "Give the image a text (alt, aria-label).")


def test_first_tab_key_reaches_something_useful_and_visible(pages):
    focus = {name: page["focus"] for name, page in pages.items()}
    lost = [f"{name}: {at['name']}" for name, at in focus.items() if not at["useful"]]
    fail_on(lost, "Let the first Tab reach a link, a button or a field that can be seen.")


def test_search_finds_tca(tab):
    tab.goto("search.html?q=TCA")
    tab.locator("#search-results a[href*='skdomain.subspace.TCA.html']").first.wait_for()


def test_search_finds_the_page_of_covariate_shift_among_the_first(tab):
    tab.goto("search.html?q=covariate+shift")
    results = tab.locator("#search-results li > a")
    tab.locator("#search-results a[href*='weighting.html']").first.wait_for()
    first = [link.get_attribute("href") for link in results.all()[:6]]
    assert any("weighting.html" in link for link in first), first


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_first_page_shows_the_figure_of_its_colours(tab, scheme):
    tab.emulate_media(color_scheme=scheme)
    tab.goto("index.html")
    (shown,) = [image for image in tab.locator("article img").all() if image.is_visible()]
    assert f"adapted_{scheme}.svg" in shown.get_attribute("src")


@pytest.mark.parametrize("width", [390, 1300])
def test_keyboard_reaches_the_link_of_every_question(tab, width):
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto("index.html")
    wanted = {link.get_attribute("href") for link in tab.locator(".question a").all()}
    assert len(wanted) >= 4
    for _ in range(80):
        tab.keyboard.press("Tab")
        wanted.discard(tab.evaluate("document.activeElement.getAttribute('href')"))
    assert not wanted


@pytest.mark.parametrize("width", [390, 1300])
def test_code_of_the_questions_is_not_cut_where_there_is_room(tab, width):
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto("index.html")
    cut = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
    assert width < 1000 or tab.locator(":is(.question, .beside) pre").evaluate_all(cut) == 0
    assert tab.evaluate("document.scrollingElement.scrollWidth <= innerWidth + 1")


def test_reader_can_switch_to_dark_colours_and_back(tab):
    tab.goto("index.html")
    ground = {}
    for mode in ("dark", "light"):
        tab.locator(".theme-switch-button:visible").click()
        tab.locator(f"[data-mode={mode}]:visible").last.click()
        ground[mode] = tab.evaluate("getComputedStyle(document.body).backgroundColor")
    assert ground["dark"] != ground["light"]


@pytest.mark.parametrize("page", ["guide", "selection", "weighting", "transfer"])
def test_code_of_a_page_is_not_cut_on_a_desktop(tab, page):
    tab.set_viewport_size({"width": 1300, "height": 800})
    tab.goto(f"{page}.html")
    cut = "all => all.filter(one => one.scrollWidth > one.clientWidth + 1).length"
    assert tab.locator("article pre").count() > 3
    assert tab.locator("article pre").evaluate_all(cut) == 0


@pytest.mark.parametrize("width", [390, 1300])
def test_names_of_parameters_are_whole_and_headings_step_down(tab, width):
    tab.set_viewport_size({"width": width, "height": 800})
    tab.goto("generated/skdomain.subspace.TCA.html")
    lines = "all => all.map(one => one.getClientRects().length)"
    names = tab.locator("dl.field-list dl > dt > strong")
    assert names.count() > 20
    assert set(names.evaluate_all(lines)) == {1}
    tab.goto("weighting.html")
    size = "one => parseFloat(getComputedStyle(one).fontSize)"
    h1, h2 = (tab.locator(f"article {each}").first.evaluate(size) for each in ("h1", "h2"))
    assert h1 > h2


def test_report_leads_back(tab):
    tab.goto("report.html")
    tab.locator("a", has_text="Back").click()
    tab.wait_for_url("**/index.html")
