"""The review queue: unsure products one after the other, each answered with one tap or key.

The queue of a person is a list of facings in the session; what was answered is in the database at once.
"""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from recognition.models import Facing
from recognition.services import learning
from recognition.services.corrections import CorrectionRefused, correct_facing, take_back
from retail_exec.catalog.models import Sku
from retail_exec.core import asked
from retail_exec.core.access import OFFICE, get_or_404, member, member_view, visible
from retail_exec.visits import queries

QUEUE = "review"
AT_ONCE = 40
SKIP = "skip"


@require_safe
@member_view(OFFICE)
def review(request: HttpRequest) -> HttpResponseBase:
    """The queue's next facing with its candidates; a new queue is picked when there is none."""
    if not _queue(request)["ids"]:
        _pick(request)
    return render(request, "recognition/review.html", _shown(request))


@require_POST
@member_view(OFFICE)
def begin(request: HttpRequest) -> HttpResponseBase:
    """Pick the next facings to look at."""
    _pick(request)
    return redirect("recognition:review")


@require_POST
@member_view(OFFICE)
def answer(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Take the verdict on one facing of the queue, or skip it; answers with the next."""
    facing = get_or_404(member(request), Facing.objects.select_related("run__photo__visit"), pk=pk)
    verdict, problem = request.POST.get("verdict", ""), ""
    if verdict != SKIP and verdict not in Facing.Verdict.values:
        return HttpResponse("This answer is not known.", status=400)
    if verdict != SKIP:
        code = asked.text(request.POST, "sku")
        sku = get_or_404(member(request), Sku.objects.all(), code=code) if code else None
        try:
            correct_facing(member(request), facing, Facing.Verdict(verdict), sku)
        except CorrectionRefused as refused:
            problem, verdict = str(refused), SKIP
    queue = _queue(request)
    queue["answers"] = [each for each in queue["answers"] if each[0] != pk] + [[pk, verdict]]
    request.session[QUEUE] = queue
    return _next(request, problem)


@require_POST
@member_view(OFFICE)
def back(request: HttpRequest) -> HttpResponseBase:
    """Take the last answer back and show that facing again."""
    queue, problem = _queue(request), ""
    if queue["answers"]:
        pk, verdict = queue["answers"].pop()
        facing = visible(member(request), Facing.objects.select_related("run__photo__visit")).filter(pk=pk)
        if verdict != SKIP and (row := facing.first()) is not None:
            try:
                take_back(member(request), row)
            except CorrectionRefused as refused:
                problem = str(refused)
        request.session[QUEUE] = queue
    return _next(request, problem)


@require_safe
@member_view(OFFICE)
def products(request: HttpRequest, pk: int) -> HttpResponseBase:
    """Other products to choose from, by name, brand or number."""
    text = asked.text(request.GET, "q")
    rows = queries.find_products(member(request), text)[: queries.PRODUCTS_SHOWN] if text else []
    near = [{"sku": sku, "picture": sku.picture} for sku in rows]  # type: ignore[attr-defined]
    return render(request, "recognition/products.html", {"pk": pk, "nearest": near, "q": text})


def _queue(request: HttpRequest) -> dict[str, Any]:
    """This person's queue in this organisation: ids in order, and answers as [id, verdict] in order."""
    queue = request.session.get(QUEUE) or {}
    if queue.get("organisation") != member(request).organisation_id:
        queue = {"organisation": member(request).organisation_id, "ids": [], "answers": []}
    return queue


def _pick(request: HttpRequest) -> None:
    queue = _queue(request) | {"ids": learning.pick(member(request), AT_ONCE), "answers": []}
    request.session[QUEUE] = queue


def _next(request: HttpRequest, problem: str) -> HttpResponseBase:
    if not request.htmx:  # type: ignore[attr-defined]
        return redirect("recognition:review")
    return render(request, "recognition/review_item.html", {**_shown(request), "problem": problem})


def _shown(request: HttpRequest) -> dict[str, Any]:
    """The first facing of the queue that nobody answered yet, and how far the person is."""
    queue = _queue(request)
    answered = {pk for pk, _ in queue["answers"]}
    rows = visible(member(request), Facing.objects.filter(pk__in=queue["ids"], run__current=True))
    left = {row.pk: row for row in rows.filter(verdict="").select_related("run__photo__visit__store", "sku")}
    order = [pk for pk in queue["ids"] if pk in left and pk not in answered]
    facing = left[order[0]] if order else None
    total = len(queue["ids"])
    return {
        "facing": facing,
        "nearest": learning.nearest(facing) if facing else [],
        "after": order[1] if len(order) > 1 else None,
        "total": total,
        "done": total - len(order),
        "corrected": sum(verdict != SKIP for _, verdict in queue["answers"]),
        "may_go_back": bool(queue["answers"]),
    }
