"""Whether a page is for everybody: what axe finds by day and by night, and what is too wide."""

from pathlib import Path

import axe_playwright_python

AXE = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text(encoding="utf-8")
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Django's own pages jump from h1 to h3, their regions are their own, and a column has no head.
DJANGOS_OWN = ("heading-order", "region", "landmark-unique", "empty-table-header")
# Only faults leave the browser: the list of all that is well takes four times as long as the look.
# Colors that fade into those of the other scheme, as Django's do, are there first.
RUN = """([within, options]) => {
  document.getAnimations().forEach(one => one.finish())
  return axe.run(within ?? document, options).then(done =>
    done.violations.map(one => [one.id, one.nodes.slice(0, 5).map(at => at.html.slice(0, 160))]))
}"""
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def too_wide_at(page, width):
    """By how many pixels the page is too wide for a window of this width. It stays as it is."""
    before = page.viewport_size
    page.set_viewport_size(before | {"width": width})
    pixels = page.evaluate(TOO_WIDE)
    page.set_viewport_size(before)
    return pixels


def barriers(page, *, within=None, but=()):
    """{"rule, light": [elements]} as axe sees the page now, in light and in dark; and "too wide".

    `within` is a selector, `but` are rules to leave out. Afterwards the page is as it was.
    """
    wide = page.evaluate(TOO_WIDE)
    found = {"too wide": f"{wide} pixels"} if wide > 0 else {}
    before = page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    for is_dark in (not before, before):
        scheme = "dark" if is_dark else "light"
        page.emulate_media(color_scheme=scheme)
        found |= {f"{rule}, {scheme}": where for rule, where in _violations(page, within, but)}
    return found


def _violations(page, within, but):
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE)
    # target-size is off unless it is named.
    rules = {"target-size": {"enabled": True}, **{rule: {"enabled": False} for rule in but}}
    return page.evaluate(RUN, [within, {"runOnly": TAGS, "rules": rules}])
