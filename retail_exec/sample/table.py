"""The KPIs of an organisation as a table for the terminal, a column for each chain."""

from __future__ import annotations

from compliance.kpis.registry import REGISTRY
from compliance.models import KpiResult
from compliance.queries import of_whole_visits
from retail_exec.accounts.models import Organisation
from retail_exec.reports.queries import pooled


def kpi_table(organisation: Organisation) -> list[str]:
    """Lines of the table: whole-visit values, pooled over all visits."""
    rows = of_whole_visits(KpiResult.objects.all()).filter(
        assessment__organisation=organisation, assessment__current=True, category=None, brand=None
    )
    chain = "assessment__visit__store__chain__name"
    cells = {(str(row["key"]), str(row[chain])): row for row in pooled(rows, "key", chain)}
    cells |= {(str(row["key"]), "All"): row for row in pooled(rows, "key")}
    chains = [*sorted({name for _, name in cells if name != "All"}), "All"]
    lines = ["".join([f"{'KPI':<40}", *(f"{name:>20}" for name in chains)])]
    for key, definition in REGISTRY.items():
        if (key, "All") in cells:
            values = (show(cells.get((key, name)), definition.unit) for name in chains)
            lines.append("".join([f"{definition.title:<40}", *(f"{value:>20}" for value in values)]))
    return lines


def show(cell: dict[str, object] | None, unit: str) -> str:
    """A value as people read it; a dash for what is not measurable."""
    value = cell["pooled_value"] if cell else None
    if not isinstance(value, float):
        return "–"
    return f"{100 * value:.1f} %" if unit == "share" else f"{value:.1f} {unit}"
