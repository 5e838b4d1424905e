"""Form fields that several areas share."""

from __future__ import annotations

from typing import Any

from django import forms


class SmallFileField(forms.FileField):
    """A file of at most ``most`` bytes; larger ones are refused with both sizes."""

    def __init__(self, *, most: int, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.most = most

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Return the uploaded file; raise ValidationError where it is too large."""
        file = super().clean(data, initial)
        if file and file.size > self.most:
            raise forms.ValidationError(
                f"The file has {file.size / 1e6:.1f} MB; up to {self.most / 1e6:.0f} MB are read."
            )
        return file
