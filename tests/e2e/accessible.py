"""Whether everybody can use a page: axe-core's rules, of which none of any weight may be broken."""

from typing import Any

from axe_playwright_python.sync_playwright import Axe

GRAVE = ("moderate", "serious", "critical")


def broken(page: Any) -> list[str]:
    """The rules of weight that the page breaks, with the first element that does."""
    found = Axe().run(page, options={}).response
    assert len(found["passes"]) > 10, "nearly no rule applies: is this the page?"
    return [
        f"{rule['id']}: {rule['nodes'][0]['html'][:200]}" for rule in found["violations"] if rule["impact"] in GRAVE
    ]
