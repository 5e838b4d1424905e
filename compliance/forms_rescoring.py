"""What to score again, and with what."""

from __future__ import annotations

from typing import Any

from django import forms

from compliance.models import KpiDefinitions, Rescoring
from recognition.models import RecognitionRun
from retail_exec.accounts.models import Membership
from retail_exec.core.access import visible
from retail_exec.stores.models import Chain, Region, Store

VERSIONS = ("detector", "embedder", "gallery", "pipeline")
DAY = forms.DateInput(attrs={"type": "date"})


class RescoringForm(forms.ModelForm):
    """A new rescoring of the member's organisation."""

    recognition = forms.ChoiceField(
        required=False,
        label="Recognition",
        help_text="Photos without results of that recognition keep their present ones.",
    )

    class Meta:
        model = Rescoring
        fields = ("name", "date_from", "date_to", "region", "chain", "store", "definitions", "plans_on")
        labels = {
            "date_from": "Visits from",
            "date_to": "Visits to",
            "definitions": "KPI definitions",
            "plans_on": "Planograms and lists of the day",
        }
        help_texts = {"plans_on": "Leave empty for those in force on the day of each visit."}
        widgets = {"date_from": DAY, "date_to": DAY, "plans_on": DAY}

    def __init__(self, *args: Any, by: Membership, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organisation_id = by.organisation_id
        self.instance.created_by = by.user
        choices = {"region": Region, "chain": Chain, "store": Store, "definitions": KpiDefinitions}
        for name, model in choices.items():
            field: Any = self.fields[name]
            field.queryset = visible(by, model._default_manager.all())
            field.empty_label = "The ones in use" if name == "definitions" else "All"
        runs = visible(by, RecognitionRun.objects.order_by()).values_list(*VERSIONS).distinct()
        known = [("", "As it is now"), *(("|".join(run), " · ".join(run)) for run in sorted(runs))]
        recognition: Any = self.fields["recognition"]
        recognition.choices = known

    def clean(self) -> dict[str, Any]:
        """The period must not end before it begins."""
        given: dict[str, Any] = super().clean() or {}
        first, last = given.get("date_from"), given.get("date_to")
        if first and last and last < first:
            self.add_error("date_to", f"{last:%d %b %Y} is before the first day, {first:%d %b %Y}.")
        if chosen := given.get("recognition"):
            self.instance.versions = dict(zip(VERSIONS, chosen.split("|"), strict=True))
        return given
