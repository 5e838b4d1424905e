"""Visits and photos in Django admin: to look at, and to try again what was set aside."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone

from recognition.tasks import recognise_photo
from retail_exec.core.admin import OwnedAdmin, OwnedInline, ReadOnly
from retail_exec.core.claims import request as ask_again
from retail_exec.core.queue import enqueue
from retail_exec.visits.models import Photo, Visit
from retail_exec.visits.services.reassess import reassess


class PhotoInline(ReadOnly, OwnedInline):
    """A visit's photos."""

    model = Photo
    fields = ["name", "bay", "state", "problem", "uploaded_at"]
    show_change_link = True


@admin.register(Visit)
class VisitAdmin(ReadOnly, OwnedAdmin):
    """Visits."""

    list_display = ["store", "started_at", "auditor", "state", "attempts", "organisation"]
    list_filter = ["organisation", "state", "store__chain", "started_at"]
    list_select_related = ["store", "auditor", "organisation"]
    search_fields = ["store__name", "store__code", "auditor__email"]
    date_hierarchy = "started_at"
    inlines = [PhotoInline]
    actions = ["assess_again"]

    @admin.action(description="Compute the numbers again")
    def assess_again(self, request: HttpRequest, rows: QuerySet[Visit]) -> None:
        """Attempts start anew."""
        for visit in rows:
            reassess(visit)


@admin.register(Photo)
class PhotoAdmin(ReadOnly, OwnedAdmin):
    """Photos."""

    list_display = ["id", "name", "visit", "bay", "state", "attempts", "uploaded_at", "problem"]
    list_filter = ["organisation", "state", "uploaded_at"]
    list_select_related = ["visit__store", "bay", "organisation"]
    search_fields = ["name", "sha256", "visit__store__name"]
    actions = ["recognise_again"]

    @admin.action(description="Recognise again")
    def recognise_again(self, request: HttpRequest, rows: QuerySet[Photo]) -> None:
        """Attempts start anew."""
        chosen = Photo.objects.filter(pk__in=list(rows.values_list("pk", flat=True)))
        ask_again(chosen)
        chosen.update(queued_at=timezone.now())
        for pk in chosen.values_list("pk", flat=True):
            enqueue(recognise_photo, pk)
