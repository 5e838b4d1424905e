"""Takes the pictures in docs/screenshots from a running demonstration.

make demo                                # in one terminal
.venv/bin/python docs/screenshots.py     # in another, once its photos are recognised
"""

from __future__ import annotations

import argparse
import io
import shutil
from collections.abc import Callable
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, ViewportSize, sync_playwright

ROOT = Path(__file__).resolve().parent.parent
FOLDER = ROOT / "docs" / "screenshots"
MOST_BYTES = 150_000
PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=860)
NAMES = ("chromium", "chromium-browser", "google-chrome")
Shot = Callable[[Page], None]


def main() -> None:
    """Sign in as each role and keep what the main screens show."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--address", default="http://localhost:8000")
    parser.add_argument("--password", help="of the sample's people; as kept by the demonstration if left out")
    chosen = parser.parse_args()
    password = chosen.password or (ROOT / "var" / "sample" / "password").read_text()
    FOLDER.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        program = next(filter(None, map(shutil.which, NAMES)), None)
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        for person, size, kind, shots in (
            ("auditor@demo.example", PHONE, "phone", AUDITOR),
            ("manager@demo.example", PHONE, "phone", MANAGER),
            ("manager@demo.example", DESK, "desk", {**MANAGER, **OFFICE}),
        ):
            page = sign_in(browser, chosen.address, person, password, size)
            for name, show in shots.items():
                show(page)
                keep(page, f"{name}-{kind}")
        browser.close()


def sign_in(browser: Browser, address: str, person: str, password: str, size: ViewportSize) -> Page:
    """A page of somebody who is signed in. Twice the pixels on a phone, as phones have them."""
    phone = size == PHONE
    context = browser.new_context(
        base_url=address,
        viewport=size,
        is_mobile=phone,
        has_touch=phone,
        device_scale_factor=2 if phone else 1,
    )
    page = context.new_page()
    page.set_default_timeout(60_000)
    page.goto("/accounts/login/")
    page.get_by_label("Email").fill(person)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("navigation", name="Main").wait_for()
    return page


def today(page: Page) -> None:
    """The auditor's start page."""
    page.goto("/")


def visit(page: Page) -> None:
    """The results of a visit in which products are missing."""
    open_visit(page)
    page.locator("#figures-title").scroll_into_view_if_needed()
    page.evaluate("document.getElementById('figures-title').scrollIntoView()")


def photo(page: Page) -> None:
    """A photo with its boxes, one of them chosen."""
    open_visit(page)
    page.locator(".photo-picture").first.click()
    page.locator(".mark[data-kind=facing]").nth(7).click(force=True)
    page.locator("#panel .candidate").first.wait_for()


def shelves(page: Page) -> None:
    """The planned shelf beside the seen one."""
    open_visit(page)
    bay = page.locator("section", has=page.locator(".board.seen"))
    bay.get_by_role("link", name="Open", exact=True).first.click()
    page.locator(".boards .board.seen").first.wait_for()


def evidence(page: Page) -> None:
    """What is behind a KPI."""
    open_visit(page)
    page.locator(".kpi-value").first.click()
    page.locator("#sheet .crop").first.wait_for()


def overview(page: Page) -> None:
    """The manager's page."""
    page.goto("/dashboards/")
    page.locator(".js-plotly-plot .main-svg").last.wait_for(state="attached")


def planogram(page: Page) -> None:
    """One planogram."""
    page.goto("/planograms/")
    page.locator("a.list-row").first.click()
    page.locator(".board.bay").wait_for()


def open_visit(page: Page) -> None:
    """The newest visit of the store that the list of visits has third: one with something missing."""
    page.goto("/visits/")
    page.locator("a.list-row").nth(2).click()
    page.locator(".board.seen").first.wait_for(state="attached")


def keep(page: Page, name: str) -> None:
    """Store the screen as WebP, as good as fits into ``MOST_BYTES``."""
    page.wait_for_load_state("networkidle")
    page.wait_for_timeout(1500)
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        for quality in (88, 80, 70, 60):
            out = io.BytesIO()
            picture.convert("RGB").save(out, "WEBP", quality=quality, method=6)
            if out.tell() <= MOST_BYTES:
                break
    (FOLDER / f"{name}.webp").write_bytes(out.getvalue())
    print(f"{name}.webp  {out.tell() / 1000:.0f} kB")


AUDITOR: dict[str, Shot] = {"today": today, "visit": visit, "photo": photo, "evidence": evidence}
MANAGER: dict[str, Shot] = {"overview": overview}
OFFICE: dict[str, Shot] = {
    "visit": visit,
    "photo": photo,
    "shelves": shelves,
    "evidence": evidence,
    "planogram": planogram,
}

if __name__ == "__main__":
    main()
