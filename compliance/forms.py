"""Uploading a planogram file."""

from __future__ import annotations

from typing import Any

from django import forms

from retail_exec.stores.models import Bay

MAX_BYTES = 5_000_000


class PlanogramUploadForm(forms.Form):
    """A file, and where and from when its planograms apply."""

    file = forms.FileField(label="Planogram file (CSV, PSA or JSON)")
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

    def clean_file(self) -> Any:
        """No planogram is larger than a few megabytes."""
        file = self.cleaned_data["file"]
        if file.size > MAX_BYTES:
            raise forms.ValidationError(
                f"The file has {file.size / 1e6:.1f} MB; up to {MAX_BYTES / 1e6:.0f} MB are read."
            )
        return file
