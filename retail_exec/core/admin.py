"""What all of Django admin shares: rows of one organisation belong together, and results are only read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, ClassVar

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from retail_exec.core.access import OWNER_PATH
from retail_exec.core.models import AuditEvent

admin.site.site_header = admin.site.site_title = "Retail execution"
admin.site.index_title = "Administration of all organisations"


def owner_of(row: Any) -> int | None:
    """Id of the organisation ``row`` belongs to; None for what belongs to none (a person, say)."""
    for step in OWNER_PATH.get(row._meta.label_lower, "organisation").split("__"):
        row = getattr(row, step, None)
    return row.pk if row is not None else None


def strangers(owner: int | None, values: Iterable[Any]) -> list[Model]:
    """The rows named by form values that belong to another organisation than ``owner``."""
    named: list[Model] = []
    for value in values:
        named += [value] if isinstance(value, Model) else list(value) if isinstance(value, QuerySet) else []
    return [row for row in named if owner_of(row) not in (None, owner)]


def refuse_strangers(owner: int | None, cleaned: dict[str, Any]) -> None:
    """Raise ValidationError if a form names a row of another organisation."""
    if found := strangers(owner, cleaned.values()):
        names = ", ".join(str(row) for row in found)
        raise forms.ValidationError(f"These belong to another organisation: {names}.")


class OneOrganisationForm(forms.ModelForm):
    """A form whose choices must all belong to the organisation chosen in it."""

    def clean(self) -> dict[str, Any]:
        """Refuses rows of another organisation."""
        cleaned = super().clean() or self.cleaned_data
        organisation = cleaned.get("organisation")
        owner = organisation.pk if organisation else owner_of(self.instance) if self.instance.pk else None
        if owner is not None:
            refuse_strangers(owner, cleaned)
        return cleaned


class OneOrganisationFormSet(forms.BaseInlineFormSet):
    """Inline rows whose choices must belong to their parent's organisation."""

    def clean(self) -> None:
        """Refuses rows of another organisation."""
        super().clean()
        for form in self.forms:
            refuse_strangers(owner_of(self.instance), getattr(form, "cleaned_data", {}))


class OwnedAdmin(admin.ModelAdmin):
    """Rows of one organisation."""

    form = OneOrganisationForm
    autocomplete_fields: ClassVar[Any] = ["organisation"]
    list_filter: ClassVar[Any] = ["organisation"]
    list_select_related: ClassVar[Any] = True
    list_per_page = 50
    show_full_result_count = False


class OwnedInline(admin.TabularInline):
    """Parts of a row."""

    formset = OneOrganisationFormSet
    extra = 0


class ReadOnly:
    """Mixed into an admin of results: they are immutable, so they are shown and never edited."""

    autocomplete_fields: ClassVar[Any] = []

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """No."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Not by itself; it goes with what it belongs to."""
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnly, OwnedAdmin):
    """Who did what."""

    list_display = ["at", "organisation", "actor", "action", "subject"]
    list_filter = ["organisation", "action", "at"]
    search_fields = ["subject", "actor__email"]
