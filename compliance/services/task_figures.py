"""How corrective work goes: ageing and closing, each with its numerator and denominator."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import QuerySet
from django.utils import timezone

from compliance.models import CorrectiveTask

State = CorrectiveTask.State
AGES = ((3, "up to 3 days"), (7, "4 to 7 days"), (14, "8 to 14 days"), (None, "more than 14 days"))


@dataclass(frozen=True, slots=True)
class TaskFigure:
    """One number about tasks. value = numerator / denominator, None when the denominator is 0.

    unit: "share" (0..1) or "days". query: filters of the task list that open what it counts.
    """

    key: str
    title: str
    explanation: str
    unit: str
    numerator: float
    denominator: int
    query: str

    @property
    def value(self) -> float | None:
        """The figure, or None when it is not measurable."""
        return self.numerator / self.denominator if self.denominator else None


def figures(tasks: QuerySet[CorrectiveTask]) -> list[TaskFigure]:
    """Ageing and closing of these tasks. A withdrawn task counts in none: there was nothing to do."""
    today = timezone.localdate()
    rows = list(tasks.exclude(state=State.WITHDRAWN).values_list("state", "opened_at", "closed_at", "due_on"))
    ages = [_days(opened, today) for state, opened, _, _ in rows if state == State.OPEN]
    done = [
        (_days(opened, _day(closed)), _day(closed) <= due)
        for state, opened, closed, due in rows
        if state == State.DONE
    ]
    late = sum(state == State.OPEN and due < today for state, _, _, due in rows)
    return [
        TaskFigure(
            "task_age",
            "Age of open tasks",
            "Days since each open task was found, added up, divided by the open tasks.",
            "days",
            sum(ages),
            len(ages),
            "state=open",
        ),
        TaskFigure(
            "task_overdue",
            "Overdue",
            "Open tasks past their day divided by open tasks.",
            "share",
            late,
            len(ages),
            "overdue=true",
        ),
        TaskFigure(
            "task_closing_rate",
            "Closing rate",
            "Tasks that a photo proves done divided by all tasks found; withdrawn ones are left out.",
            "share",
            len(done),
            len(rows),
            "state=done",
        ),
        TaskFigure(
            "task_on_time",
            "Done in time",
            "Tasks proven done by their day divided by tasks proven done.",
            "share",
            sum(in_time for _, in_time in done),
            len(done),
            "state=done",
        ),
        TaskFigure(
            "task_days_to_close",
            "Days to put right",
            "Days from found to proven done, added up, divided by the tasks proven done.",
            "days",
            sum(days for days, _ in done),
            len(done),
            "state=done",
        ),
    ]


def ageing(tasks: QuerySet[CorrectiveTask]) -> list[tuple[str, int]]:
    """How many open tasks are how old."""
    today = timezone.localdate()
    ages = [
        _days(opened, today) for opened in tasks.filter(state=State.OPEN).values_list("opened_at", flat=True)
    ]
    return list(_buckets(ages))


def _buckets(ages: Iterable[int]) -> Iterable[tuple[str, int]]:
    ages = list(ages)
    above = -1
    for limit, name in AGES:
        yield name, sum(above < age and (limit is None or age <= limit) for age in ages)
        above = limit if limit is not None else above


def _day(at: object) -> date:
    return timezone.localtime(at).date()  # type: ignore[arg-type]


def _days(opened: object, until: date) -> int:
    return (until - _day(opened)).days
