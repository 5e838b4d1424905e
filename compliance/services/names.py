"""What the core calls by name, as the database knows it."""

from __future__ import annotations

from retail_exec.catalog.models import Brand, Category, Sku
from retail_exec.core.copying import as_json

Scope = tuple[int | None, int | None, int | None, str]


class Names:
    """Ids of one organisation's products by code, and of its brands and categories by name."""

    def __init__(self, owner: int) -> None:
        self.skus = dict(Sku.objects.filter(organisation_id=owner).values_list("code", "pk"))
        self.brands = dict(Brand.objects.filter(organisation_id=owner).values_list("name", "pk"))
        self.categories = dict(Category.objects.filter(organisation_id=owner).values_list("name", "pk"))
        self._scopes: dict[tuple[tuple[str, str], ...], Scope] = {}

    def scope(self, scope: dict[str, str]) -> Scope:
        """Ids of a scope's bay, category and brand, None for those it has not, and all of it as JSON."""
        # Most visits have the same scopes.
        key = tuple(scope.items())
        found = self._scopes.get(key)
        if found is None:
            bay = scope.get("bay", "")
            found = self._scopes[key] = (
                int(bay) if bay.isdigit() else None,
                self.categories.get(scope.get("category", "")),
                self.brands.get(scope.get("brand", "")),
                as_json(scope),
            )
        return found
