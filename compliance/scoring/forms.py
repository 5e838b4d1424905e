"""Forms of the scoring screens: options of the KPIs, promotions, scorecards, files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.models import BaseInlineFormSet, inlineformset_factory

from compliance.kpis.registry import REGISTRY, Option, Options
from compliance.models import Promotion, PromotionElement, Scorecard, ScorecardPillar
from compliance.models.promotions import ELEMENT_NEEDS
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Sku
from retail_exec.core.fields import SmallFileField
from retail_exec.stores.models import Chain, Region, Store

MAX_BYTES = 20_000_000


class OptionsForm(forms.Form):
    """Every option of every KPI, as ``kpi.option``."""

    def __init__(self, *args: Any, options: Mapping[str, Options], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for key, definition in REGISTRY.items():
            chosen = definition.settings(options.get(key, {}))
            for option in definition.options:
                self.fields[f"{key}.{option.name}"] = _field(option, chosen[option.name])

    def of(self, key: str) -> list[forms.BoundField]:
        """The fields of one KPI."""
        return [self[name] for name in self.fields if name.split(".")[0] == key]

    def options(self) -> dict[str, dict[str, object]]:
        """The options as chosen, by KPI."""
        found: dict[str, dict[str, object]] = {}
        for name, value in self.cleaned_data.items():
            key, option = name.split(".")
            found.setdefault(key, {})[option] = value
        return found


def _field(option: Option, value: object) -> forms.Field:
    told: dict[str, Any] = {
        "label": option.name.replace("_", " "),
        "help_text": option.explanation,
        "initial": value,
    }
    if option.choices:
        return forms.ChoiceField(choices=[(c, str(c)) for c in option.choices], **told)
    if isinstance(option.default, bool):
        return forms.BooleanField(required=False, **told)
    return forms.FloatField(min_value=0, **told)


class VersionForm(forms.Form):
    """What is said of a new version."""

    note = forms.CharField(required=False, max_length=200, label="What changes, and why")
    activate = forms.BooleanField(required=False, initial=True, label="Use it for new results from now on")


class FileForm(forms.Form):
    """One file."""

    file = SmallFileField(label="File", most=MAX_BYTES)


def _day() -> forms.DateInput:
    return forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")


class _AppliesForm(forms.ModelForm):
    """For which stores and when; choices are the organisation's own."""

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organisation = organisation
        for name, model in (("chains", Chain), ("regions", Region), ("stores", Store)):
            if name in self.fields:
                field: Any = self.fields[name]
                field.queryset = model._default_manager.filter(organisation=organisation)

    def clean(self) -> dict[str, Any]:
        """The end does not lie before the start, and the name is free."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        start, end = cleaned.get("effective_from"), cleaned.get("effective_to")
        if start and end and end < start:
            self.add_error("effective_to", f"It ends on {end}, before it starts on {start}.")
        return cleaned


WHERE = ["chains", "regions", "channel", "effective_from", "effective_to"]
LABELS = {"effective_from": "First day", "effective_to": "Last day"}
WIDGETS = {
    "chains": forms.CheckboxSelectMultiple,
    "regions": forms.CheckboxSelectMultiple,
    "effective_from": _day(),
    "effective_to": _day(),
}


class PromotionForm(_AppliesForm):
    """A promotion without what it asks for."""

    class Meta:
        model = Promotion
        fields = ["name", "effective_from", "effective_to", "chains", "regions", "channel", "stores", "note"]
        labels = LABELS
        widgets = {**WIDGETS, "stores": forms.SelectMultiple(attrs={"size": 6})}

    def clean_name(self) -> str:
        """One promotion a name."""
        name: str = self.cleaned_data["name"]
        same = Promotion.objects.filter(organisation=self.instance.organisation, name=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError(f"There is another promotion called {name}.")
        return name


class ElementForm(forms.ModelForm):
    """One thing a promotion asks for; products by their codes."""

    codes = forms.CharField(
        label="Product codes", help_text="Apart by blanks or commas.", widget=forms.TextInput
    )

    class Meta:
        model = PromotionElement
        fields = ["kind", "name", "facings", "bay", "price", "text"]

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organisation = organisation
        if self.instance.pk:
            codes = sorted(self.instance.skus.values_list("code", flat=True))
            self.fields["codes"].initial = " ".join(codes)

    def clean_codes(self) -> list[Sku]:
        """The products behind the codes."""
        codes = self.cleaned_data["codes"].replace(",", " ").split()
        known = {s.code: s for s in Sku.objects.filter(organisation=self.organisation, code__in=codes)}
        unknown = [code for code in codes if code not in known]
        if unknown or not codes:
            raise forms.ValidationError(
                f"The catalogue has no product {', '.join(unknown) or 'without a code'}."
            )
        return list(known.values())

    def clean(self) -> dict[str, Any]:
        """Each kind has what it needs."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        field, why = ELEMENT_NEEDS.get(str(cleaned.get("kind")), ("", ""))
        if field and cleaned.get(field) in (None, ""):
            self.add_error(field, why)
        return cleaned

    def save(self, commit: bool = True) -> Any:
        """With its products."""
        element = super().save(commit)
        if commit:
            element.skus.set(self.cleaned_data["codes"])
        return element


ElementFormSet = inlineformset_factory(
    Promotion, PromotionElement, form=ElementForm, formset=BaseInlineFormSet, extra=3, can_delete=True
)


class ScorecardForm(_AppliesForm):
    """A scorecard's next version, without its pillars."""

    class Meta:
        model = Scorecard
        fields = ["name", "proportional", *WHERE]
        labels = {**LABELS, "proportional": "Score in proportion to the target"}
        widgets = WIDGETS


class PillarForm(forms.ModelForm):
    """One pillar. The target is typed in per cent."""

    kpi = forms.ChoiceField(label="KPI")
    percent = forms.FloatField(label="Target, %", min_value=0.1, max_value=100, initial=100)

    class Meta:
        model = ScorecardPillar
        fields = ["kpi", "weight"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kpis = [(key, d.title) for key, d in REGISTRY.items() if d.pillar]
        self.fields["kpi"].choices = [("", "Choose…"), *kpis]  # type: ignore[attr-defined]
        self.fields["weight"].widget.attrs["min"] = 0.1

    def clean_weight(self) -> float:
        """Above 0."""
        weight: float = self.cleaned_data["weight"]
        if not weight > 0:
            raise forms.ValidationError(f"A weight is above 0, found {weight:g}.")
        return weight


PillarFormSet = forms.formset_factory(PillarForm, extra=2, can_delete=True, min_num=1, validate_min=True)
