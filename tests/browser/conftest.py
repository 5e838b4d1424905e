"""Headless Chromium on the test server: a phone and a desk, signed in, with every script error noted."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    ViewportSize,
    expect,
    sync_playwright,
)
from pytest_django.live_server_helper import LiveServer

from retail_exec.accounts.models import Membership
from tests.factories import PASSWORD

PHONE, DESK = ViewportSize(width=390, height=844), ViewportSize(width=1280, height=900)
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SWITCHES = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]
SECONDS = 1000
expect.set_options(timeout=30 * SECONDS)  # a busy machine is no failure
SignIn = Callable[[Membership, ViewportSize], Page]


def find_chromium() -> str | None:
    """An installed Chromium, or the one that Playwright has downloaded."""
    if named := os.environ.get("CHROMIUM"):
        return named
    return next(filter(None, map(shutil.which, NAMES)), None)


@pytest.fixture(scope="session")
def chromium() -> Iterator[Browser]:
    """The browser, started once. Tests that need it are skipped where there is none."""
    # Playwright runs an event loop in this thread; the tests' own queries are plain synchronous ones.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    with sync_playwright() as playwright:
        program = find_chromium()
        if program is None and not Path(playwright.chromium.executable_path).exists():
            pytest.skip("no Chromium found: install it, or name it in CHROMIUM, to run the browser tests")
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield browser
        browser.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def sign_in(chromium: Browser, live_server: LiveServer) -> Iterator[SignIn]:
    """Signs a member in through the form, on a screen of the given size. A script error or a breach of the
    content security policy fails the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    def note_violation(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text:
            errors.append(message.text)

    def enter(member: Membership, size: ViewportSize = PHONE) -> Page:
        phone = size == PHONE
        context = chromium.new_context(
            base_url=live_server.url, viewport=size, is_mobile=phone, has_touch=phone
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(60 * SECONDS)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("console", note_violation)
        page.goto("/accounts/login/")
        page.get_by_label("Email").fill(member.user.email)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        expect(page.get_by_role("navigation", name="Main")).to_be_visible()
        return page

    yield enter
    for context in contexts:
        context.close()
    assert errors == []


def scrolls_sideways(page: Page) -> bool:
    """Whether the page is wider than the screen."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))
