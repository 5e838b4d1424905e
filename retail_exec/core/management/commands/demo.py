"""`manage.py demo`: everything on one machine, with a sample organisation that fills while one looks."""

from __future__ import annotations

import signal
import socket
import time
import urllib.error
import urllib.request
from argparse import ArgumentParser
from pathlib import Path
from types import FrameType
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError
from tqdm import tqdm

from retail_exec.accounts.models import Organisation
from retail_exec.sample import programs
from retail_exec.sample.organisation import make_sample, password
from retail_exec.sample.programs import Program, ProgramFailed, Programs
from retail_exec.sample.proof import prove
from retail_exec.sample.schedule import WEEKS
from retail_exec.sample.shops import PEOPLE
from retail_exec.sample.table import kpi_table
from retail_exec.sample.uploads import missing_photos, upload
from retail_exec.sample.waiting import Progress, Tick, WorkFailed, await_adaptation, await_visits, is_adapted

WEB_START_SECONDS = 60
EVERY_ADDRESS = "0.0.0.0"  # noqa: S104 - compared with, not bound to


class Stopped(Exception):
    """Somebody pressed Ctrl-C, or the system asks to end."""


class Command(BaseCommand):
    help = "Start web, worker and beat with a sample organisation. Ctrl-C stops all of them."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1", help="Address to listen on; 0.0.0.0 for all.")
        parser.add_argument("--port", type=int, default=8000)
        parser.add_argument(
            "--weeks", type=int, default=WEEKS, choices=range(1, WEEKS + 1), help="Weeks of visits to make."
        )
        parser.add_argument(
            "--no-fitting",
            action="store_true",
            help="Do not fit the recognition to the catalogue: quicker, worse.",
        )
        parser.add_argument("--once", action="store_true", help="Process the visits, print the KPIs, end.")

    def handle(self, *args: Any, **options: Any) -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, stop)
        try:
            self.run(options)
        except Stopped:
            self.say("\nStopped.")
        except (ProgramFailed, WorkFailed) as failed:
            raise CommandError(str(failed)) from failed

    def run(self, options: dict[str, Any]) -> None:
        """Prepare, start the programs, send the visits, then wait for the end."""
        host, port, once = options["host"], options["port"], options["once"]
        if not once:
            check_port(host, port)
        logs = Path(settings.VAR_DIR) / "log"
        self.say("Preparing the database and the sample organisation…")
        call_command("migrate", verbosity=0)
        organisation = make_sample()
        children = [programs.worker(logs), programs.beat(logs)]
        if not once:
            children.append(programs.web(logs, host, port, allowed_hosts(host)))
        with Programs(children) as running:
            if not once:
                self.invite(running, host, port)
            if not (options["no_fitting"] or is_adapted(organisation)):
                self.adapt(organisation, running)
            self.send(organisation, options["weeks"], running)
            if once:
                self.finish(organisation, running)
            while not once:
                self.report(running)
                time.sleep(1)

    def invite(self, running: Programs, host: str, port: int) -> None:
        """Say where to sign in, once the web server answers."""
        address = f"http://{'localhost' if host in (EVERY_ADDRESS, '127.0.0.1') else host}:{port}/"
        await_web(address, running.programs[-1])
        self.say(f"\nOpen {address} and sign in as")
        for email, role in PEOPLE.items():
            self.say(f"    {email:<24} {role.label}")
        self.say(f"with the password {password()}\nCtrl-C stops everything.\n")

    def adapt(self, organisation: Organisation, running: Programs) -> None:
        """Fit the recognition to the catalogue, as any new catalogue's is."""
        self.say("Fitting the recognition to the catalogue, which takes a minute or two…")
        with tqdm(desc="Fitting", unit="%", disable=None) as shown:
            await_adaptation(organisation, self.follow(running, shown))

    def send(self, organisation: Organisation, weeks: int, running: Programs) -> None:
        """Upload the visits' photos that are not there yet."""
        todo = len(missing_photos(organisation, weeks))
        sent = upload(organisation, weeks)
        for _ in tqdm(sent, total=todo, desc="Sending photos", unit="photo", disable=None if todo else True):
            self.report(running)

    def finish(self, organisation: Organisation, running: Programs) -> None:
        """Until all is processed; then the numbers."""
        with tqdm(desc="Recognising and assessing", unit="photos and visits", disable=None) as shown:
            await_visits(organisation, self.follow(running, shown))
        self.say("\n".join(["", *kpi_table(organisation), ""]))
        self.say("Faults put on the shelves, and what was made of them:")
        self.say("\n".join(prove(organisation).lines()))

    def follow(self, running: Programs, shown: tqdm) -> Tick:
        """Keeps a progress bar up to date, and the programs alive."""

        def tick(now: Progress) -> None:
            self.report(running)
            shown.total = now.total
            shown.update(now.done - shown.n)

        return tick

    def say(self, text: str) -> None:
        """A line that is there at once, also where the output goes to a file."""
        self.stdout.write(text)
        self.stdout.flush()

    def report(self, running: Programs) -> None:
        """Say which program had to be started again."""
        for sentence in running.revive():
            self.stderr.write(sentence)


def stop(number: int, frame: FrameType | None) -> None:
    """Signal handler; further signals are ignored, so that the children are stopped in order."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.SIG_IGN)
    raise Stopped


def check_port(host: str, port: int) -> None:
    """Raise CommandError if somebody else listens there, or the address is not this machine's."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise CommandError(
                f"Cannot listen on {host}:{port} ({error.strerror}). Try --port 8001."
            ) from error


def allowed_hosts(host: str) -> list[str]:
    """Names under which the web server answers: the settings', and this machine's if it listens to others."""
    names = [*settings.ALLOWED_HOSTS, host]
    if host == EVERY_ADDRESS:
        name, aliases, addresses = socket.gethostbyname_ex(socket.gethostname())
        names += [name, *aliases, *addresses]
    return list(dict.fromkeys(names))


def await_web(address: str, program: Program) -> None:
    """Return when the web server answers. Raises ProgramFailed."""
    deadline = time.monotonic() + WEB_START_SECONDS
    while time.monotonic() < deadline and program.process and program.process.poll() is None:
        try:
            urllib.request.urlopen(address, timeout=5).close()  # noqa: S310 - our own address
            return
        except (urllib.error.URLError, TimeoutError):
            time.sleep(0.2)
    raise ProgramFailed(f"The web server does not answer at {address}.\n{program.last_words()}")
