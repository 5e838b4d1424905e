"""What the office fills in about visits."""

from __future__ import annotations

from typing import Any

from django import forms

from compliance.models import TaskRule
from retail_exec.accounts.models import Membership
from retail_exec.catalog.models import Category
from retail_exec.core.access import visible
from retail_exec.core.audit import record
from retail_exec.stores.models import Chain


class TaskRuleForm(forms.ModelForm):
    """When a finding becomes a task."""

    class Meta:
        model = TaskRule
        fields = ["name", "finding", "own_only", "must_stock_only", "category", "chains", "channel"]
        fields += ["due_days", "quiet_days", "active"]
        labels = {"finding": "When a product is", "channel": "Only in this channel"}
        help_texts = {
            "category": "Leave empty for every category.",
            "chains": "Leave empty for every chain.",
            "quiet_days": "So long nobody is asked again for what could not be fixed.",
        }

    def __init__(self, *args: Any, membership: Membership, **options: Any) -> None:
        super().__init__(*args, **options)
        self.membership = membership
        for name, model in (("category", Category), ("chains", Chain)):
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)
            field.queryset = visible(membership, model._default_manager.all())
        self.fields["category"].empty_label = "Every category"  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        """One rule of a name in an organisation."""
        name: str = self.cleaned_data["name"].strip()
        same = TaskRule.objects.filter(organisation=self.membership.organisation, name__iexact=name)
        if same.exclude(pk=self.instance.pk).exists():
            raise forms.ValidationError("There is a rule of this name already.")
        return name

    def save(self, commit: bool = True) -> TaskRule:
        """Save, and note it in the audit trail."""
        rule: TaskRule = super().save(commit)
        record(self.membership, "task_rule.save", rule.name, finding=rule.finding, active=rule.active)
        return rule
