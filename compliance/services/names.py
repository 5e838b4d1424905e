"""What the core calls by name, as the database knows it."""

from __future__ import annotations

from retail_exec.catalog.models import Brand, Category, Sku
from retail_exec.core.copying import as_json


class Names:
    """Ids of products, brands and categories by code or name, and scopes as JSON."""

    def __init__(self, owner: int) -> None:
        self.skus = dict(Sku.objects.filter(organisation_id=owner).values_list("code", "pk"))
        self.brands = dict(Brand.objects.filter(organisation_id=owner).values_list("name", "pk"))
        self.categories = dict(Category.objects.filter(organisation_id=owner).values_list("name", "pk"))
        self._scopes: dict[tuple[tuple[str, str], ...], str] = {}

    def scope(self, scope: dict[str, str]) -> str:
        """As JSON; most visits have the same ones."""
        key = tuple(scope.items())
        text = self._scopes.get(key)
        if text is None:
            text = self._scopes[key] = as_json(scope)
        return text
