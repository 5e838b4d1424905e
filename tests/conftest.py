"""Gives every test run servers and a folder of its own, so that it never touches what is under `var/`."""

import os
import shutil
import tempfile
from pathlib import Path

import django
import pytest
from django.conf import settings

# All of this happens on import: Django's settings start the embedded servers, and fixtures import models.
VAR = Path(tempfile.mkdtemp(prefix="retail-exec-tests-"))
os.environ["VAR_DIR"] = str(VAR)
for url in ("DATABASE_URL", "REDIS_URL"):
    os.environ.setdefault(url, "")  # only servers named in the environment, never those in a developer's .env
os.environ["DJANGO_SETTINGS_MODULE"] = "retail_exec.settings"
django.setup()
# A password costs a third of a second by design; tests make thousands of people.
settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stops the servers, then removes the folder."""
    from retail_exec import embedded

    embedded.release(VAR)
    shutil.rmtree(VAR, ignore_errors=True)
