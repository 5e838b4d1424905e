"""Files on their way in: looked at first, brought in when the person agrees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from django.utils import timezone

from compliance.importers.values import LeftRow, text_of
from compliance.models import PlanogramFile
from compliance.services.import_planogram import unfit
from retail_exec.accounts.models import Membership

KEPT_FOR = timedelta(days=1)
"""How long a file waits for its person's word."""
LONGEST_LINE = 120


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A line of the report with what stands on that line of the file."""

    line: int
    field: str
    why: str
    text: str


def keep_file(member: Membership, name: str, content: bytes) -> PlanogramFile:
    """Keep a file until it is brought in; those that nobody wanted after a day go. Raises ValueError for a
    name that cannot be kept."""
    if why := unfit(name):
        raise ValueError(f"file name: {why}")
    old = PlanogramFile.objects.filter(
        organisation_id=member.organisation_id, planograms=None, sent_at__lt=timezone.now() - KEPT_FOR
    )
    old.delete()
    return PlanogramFile.objects.create(
        organisation_id=member.organisation_id, name=name, content=content, sent_by=member.user
    )


def with_text(rows: list[LeftRow], content: bytes) -> list[ReportRow]:
    """The rows with the line of the file that each is about, cut to a readable length."""
    lines = text_of(content).split("\n")
    found = []
    for row in rows:
        text = lines[row.line - 1].strip() if 0 < row.line <= len(lines) else ""
        cut = text if len(text) <= LONGEST_LINE else text[: LONGEST_LINE - 1] + "…"
        found.append(ReportRow(row.line, row.field, row.why, cut))
    return found
