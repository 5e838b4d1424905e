"""Uploading a planogram file; saying where and when a planogram holds."""

from __future__ import annotations

from typing import Any

from django import forms

from retail_exec.accounts.models import Membership
from retail_exec.core.access import visible
from retail_exec.core.fields import SmallFileField
from retail_exec.stores.models import Bay, Chain, Cluster, Store

MAX_BYTES = 25_000_000


class PlanogramUploadForm(forms.Form):
    """A file, and where and from when its planograms apply."""

    file = SmallFileField(label="Planogram file (CSV, PSA or JSON)", most=MAX_BYTES)
    bays = forms.ModelMultipleChoiceField(
        Bay.objects.none(),
        required=False,
        label="Bays it applies to",
        help_text="Leave empty to keep the bays of the version before.",
        widget=forms.CheckboxSelectMultiple,
    )
    effective_from = forms.DateField(
        required=False,
        label="In force from",
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text="Leave empty for: always, or from today where a bay already has a plan.",
    )

    def __init__(self, *args: Any, bays: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["bays"]
        field.queryset = bays
        field.label_from_instance = lambda bay: f"{bay.store}: {bay}"


TARGETS: dict[str, type[Store | Cluster | Chain]] = {"store": Store, "cluster": Cluster, "chain": Chain}


class AssignmentForm(forms.Form):
    """The bays of one name in a store, a cluster or a chain."""

    bay = forms.CharField(
        max_length=80,
        label="Bays called",
        widget=forms.TextInput(attrs={"list": "bay-names", "autocomplete": "off"}),
    )
    target = forms.ChoiceField(label="in")

    def __init__(self, *args: Any, membership: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.found: dict[str, Store | Cluster | Chain] = {}
        groups = []
        for kind, words in (
            ("chain", "All stores of a chain"),
            ("cluster", "A cluster"),
            ("store", "One store"),
        ):
            rows: list[Any] = list(visible(membership, TARGETS[kind]._default_manager.order_by("name")))
            choices = [(f"{kind}-{row.pk}", str(row)) for row in rows]
            self.found |= {key: row for (key, _), row in zip(choices, rows, strict=True)}
            groups += [(words, choices)] if choices else []
        field: Any = self.fields["target"]
        field.choices = groups

    def clean_target(self) -> Store | Cluster | Chain:
        """The chosen store, cluster or chain."""
        return self.found[self.cleaned_data["target"]]


class DatesForm(forms.Form):
    """From when to when a version holds."""

    effective_from = forms.DateField(
        required=False, label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    effective_to = forms.DateField(
        required=False,
        label="To",
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="Leave empty for: until the next version.",
    )
