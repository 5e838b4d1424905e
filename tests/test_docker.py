"""What can be said about the container files without an engine: that they agree with the project."""

import os
import re
import subprocess
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[1]
COMPOSE: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "compose.yml").read_text())
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = [name for name, service in SERVICES.items() if service["image"] == "retail-exec"]
DOCKERFILE = (ROOT / "docker" / "Dockerfile").read_text()


def read_by_settings() -> set[str]:
    return set(
        re.findall(r'env(?:\.\w+)?\(\s*"([A-Z0-9_]+)"', (ROOT / "retail_exec" / "settings.py").read_text())
    )


def set_by_image() -> dict[str, str]:
    """The final image's environment."""
    block = re.search(r"^ENV PATH=\S+ \\\n(?:    .*\n)+", DOCKERFILE, re.M)
    assert block
    return dict(re.findall(r"(\w+)=(\S+)", block[0]))


def test_every_part_is_there() -> None:
    assert set(SERVICES) == {"postgres", "redis", "migrate", "web", "worker", "beat"}
    assert set(OURS) == {"migrate", "web", "worker", "beat"}


@pytest.mark.parametrize("name", OURS)
def test_settings_read_what_compose_sets(name: str) -> None:
    given = set(SERVICES[name]["environment"])
    assert {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "ALLOWED_HOSTS"} <= given
    assert given <= read_by_settings()


def test_settings_read_what_the_image_sets() -> None:
    own = {name for name in set_by_image() if not name.startswith("PYTHON") and name != "PATH"}
    assert own == {"VAR_DIR", "MEDIA_ROOT", "STATIC_ROOT"}
    assert own <= read_by_settings()


@pytest.mark.parametrize("name", OURS)
def test_what_the_program_writes_lies_on_volumes_of_its_user(name: str) -> None:
    service, image = SERVICES[name], set_by_image()
    mounted = {volume.split(":")[1] for volume in service["volumes"]}
    declared = re.search(r"^VOLUME (.+)$", DOCKERFILE, re.M)
    owned = re.search(r"install --directory --owner=retail-exec (.+)$", DOCKERFILE, re.M)
    assert service["read_only"]
    assert declared
    assert owned
    assert {image["VAR_DIR"], image["MEDIA_ROOT"]} == mounted == set(declared[1].split())
    assert mounted == set(owned[1].split())


def test_the_images_static_files_are_not_hidden_by_an_old_volume() -> None:
    image = set_by_image()
    assert not Path(image["STATIC_ROOT"]).is_relative_to(image["VAR_DIR"])
    assert not Path(image["STATIC_ROOT"]).is_relative_to(image["MEDIA_ROOT"])


def test_the_example_names_every_variable_without_a_default() -> None:
    text = (ROOT / "docker" / "compose.yml").read_text()
    required = set(re.findall(r"\$\{(\w+):\?", text))
    used = set(re.findall(r"(?<!\$)\$\{(\w+)", text))
    example = set(re.findall(r"^(\w+)=", (ROOT / "docker" / "env.example").read_text(), re.M))
    assert required == {"SECRET_KEY", "POSTGRES_PASSWORD"}
    assert required <= example <= used


def test_services_wait_for_what_they_need_and_keep_their_data() -> None:
    for name in ("web", "worker", "beat"):
        assert SERVICES[name]["depends_on"]["migrate"]["condition"] == "service_completed_successfully"
    for service in SERVICES.values():
        for needed in service.get("depends_on", {}):
            assert needed in SERVICES
        for volume in service["volumes"]:
            assert volume.partition(":")[0] in COMPOSE["volumes"]
    assert all("healthcheck" in service for name, service in SERVICES.items() if name != "web")
    assert "HEALTHCHECK" in DOCKERFILE


def test_the_image_gets_files_that_exist_and_leaves_root() -> None:
    ignored = (ROOT / ".dockerignore").read_text().split("\n")
    kept = [line[1:].removesuffix("/**") for line in ignored if line.startswith("!")]
    assert kept
    assert [path for path in kept if not (ROOT / path).exists()] == []
    copied = re.search(r"^COPY (\S+ .*) \./$", DOCKERFILE, re.M)
    assert copied
    assert set(copied[1].split()) <= set(kept)
    assert re.findall(r"^USER (\S+)$", DOCKERFILE, re.M) == ["retail-exec"]
    assert "apt-get" not in DOCKERFILE


@pytest.mark.parametrize("status", [200, 503])
def test_the_health_check_tells_well_from_ill(status: int) -> None:
    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status if self.path == "/health" else 404)
            self.end_headers()

        def log_message(self, *args: object) -> None:
            """Says nothing: test output is not its place."""

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = Thread(target=server.handle_request)
        thread.start()
        env = os.environ | {"PORT": str(server.server_port)}
        command = [sys.executable, str(ROOT / "docker" / "healthcheck.py")]
        done = subprocess.run(command, env=env, capture_output=True, text=True)
        thread.join()
    assert (done.returncode == 0) == (status == 200), done.stderr
