"""Evidence is kept once an assessment and names the recognition run; facts and sums of each product."""

import bisect

import django.contrib.postgres.fields
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

FIELDS = ("weight", "sku", "photo", "run", "index", "kind", "bay", "position", "note")


def name_runs(apps, schema_editor):
    """Put every reference to a photo on the run that was current when its assessment was made."""
    assessments = apps.get_model("compliance", "Assessment")
    rows = assessments.objects.order_by("pk").values_list("pk", "visit_id", "created_at")
    for pk, visit, made in rows.iterator(500):
        run_of = _runs(apps, visit, made)
        _kpis(apps, pk, run_of)
        _places(apps, pk, run_of)


def _runs(apps, visit, made):
    """From photo id to the id of the newest run that is no newer than ``made``."""
    runs = {}
    found = apps.get_model("recognition", "RecognitionRun").objects.filter(photo__visit=visit)
    for photo, run, at in found.order_by("created_at").values_list("photo_id", "pk", "created_at"):
        runs.setdefault(photo, []).append((at, run))

    def run_of(photo):
        known = runs.get(int(photo))
        return known[max(bisect.bisect_right(known, (made, float("inf"))) - 1, 0)][1] if known else None

    return run_of


def _kpis(apps, pk, run_of):
    kpis = apps.get_model("compliance", "KpiResult")
    numbers = {}
    changed = []
    for kpi in kpis.objects.filter(assessment=pk).order_by("pk"):
        for side in ("numerator", "denominator"):
            refs = []
            for item in getattr(kpi, f"{side}_items"):
                run = run_of(item["photo"]) if item["photo"] is not None else None
                line = tuple((item | {"run": run})[name] for name in FIELDS)
                refs.append(numbers.setdefault(line, len(numbers)))
            setattr(kpi, f"{side}_refs", refs)
        changed.append(kpi)
    kpis.objects.bulk_update(changed, ["numerator_refs", "denominator_refs"], batch_size=200)
    evidence = apps.get_model("compliance", "Evidence")
    evidence.objects.create(assessment_id=pk, items=[list(line) for line in numbers])


def _places(apps, pk, run_of):
    def placed(refs):
        return [[run, index] for photo, index in refs if (run := run_of(photo)) is not None]

    for name, fields in (("PositionResult", ("seen", "gaps")), ("OutOfStock", ("gaps",))):
        rows = list(apps.get_model("compliance", name).objects.filter(assessment=pk))
        for row in rows:
            for field in fields:
                setattr(row, field, placed(getattr(row, field)))
        apps.get_model("compliance", name).objects.bulk_update(rows, fields, batch_size=200)
    for row in apps.get_model("compliance", "BayResult").objects.filter(assessment=pk):
        for field in ("unplanned", "resolved"):
            items = [item | {"run": run_of(item["photo"])} for item in getattr(row, field)]
            for item in items:
                item.pop("photo")
            setattr(row, field, items)
        row.save(update_fields=["unplanned", "resolved"])


def organisation():
    return models.ForeignKey(
        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="accounts.organisation"
    )


def cell():
    """The fields of a sum's grain."""
    cascade = {"on_delete": django.db.models.deletion.CASCADE, "related_name": "+"}
    return [
        ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
        ("organisation", organisation()),
        ("day", models.DateField()),
        ("store", models.ForeignKey(to="stores.store", **cascade)),
        ("auditor", models.ForeignKey(to=settings.AUTH_USER_MODEL, **cascade)),
        ("visits", models.PositiveIntegerField()),
    ]


def amount(digits):
    return models.DecimalField(decimal_places=4, max_digits=digits)


def refs():
    return django.contrib.postgres.fields.ArrayField(
        base_field=models.IntegerField(), default=list, size=None
    )


class Migration(migrations.Migration):
    dependencies = [
        ("catalog", "0001_initial"),
        ("recognition", "0001_initial"),
        ("stores", "0001_initial"),
        ("visits", "0001_initial"),
        ("compliance", "0005_planogram_drafts_and_assignments"),
    ]

    operations = [
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "assessment",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="evidence",
                        serialize=False,
                        to="compliance.assessment",
                    ),
                ),
                ("items", models.JSONField(default=list)),
            ],
        ),
        migrations.RemoveIndex(model_name="kpiresult", name="compliance__key_8d3dc7_idx"),
        migrations.AddField(model_name="kpiresult", name="numerator_refs", field=refs()),
        migrations.AddField(model_name="kpiresult", name="denominator_refs", field=refs()),
        migrations.RunPython(name_runs, elidable=True),
        migrations.RemoveField(model_name="kpiresult", name="numerator_items"),
        migrations.RemoveField(model_name="kpiresult", name="denominator_items"),
        *(
            migrations.AlterField(
                model_name="kpiresult",
                name=name,
                field=models.ForeignKey(
                    db_index=False, null=True, on_delete=on_delete, related_name="+", to=to
                ),
            )
            for name, to, on_delete in (
                ("bay", "stores.bay", django.db.models.deletion.SET_NULL),
                ("category", "catalog.category", django.db.models.deletion.CASCADE),
                ("brand", "catalog.brand", django.db.models.deletion.CASCADE),
            )
        ),
        migrations.CreateModel(
            name="SkuFact",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "assessment",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="facts",
                        to="compliance.assessment",
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.RESTRICT, related_name="+", to="catalog.sku"
                    ),
                ),
                ("facings", models.DecimalField(decimal_places=4, default=0, max_digits=12)),
                ("width", models.DecimalField(decimal_places=4, default=0, max_digits=14)),
                ("expected", models.PositiveSmallIntegerField(default=0)),
                ("present", models.PositiveSmallIntegerField(default=0)),
                ("missing", models.PositiveSmallIntegerField(default=0)),
            ],
            options={
                "constraints": [models.UniqueConstraint(fields=["assessment", "sku"], name="sku_fact_once")]
            },
        ),
        migrations.CreateModel(
            name="KpiRollup",
            fields=[
                *cell(),
                ("key", models.CharField(max_length=40)),
                ("bay", models.BigIntegerField(default=0)),
                (
                    "category",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.category",
                    ),
                ),
                (
                    "brand",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="catalog.brand",
                    ),
                ),
                ("numerator", amount(20)),
                ("denominator", amount(20)),
                (
                    "covered",
                    models.DecimalField(
                        decimal_places=4,
                        default=0,
                        help_text="Sum of the coverages of visits that have one.",
                        max_digits=20,
                    ),
                ),
                (
                    "coverages",
                    models.PositiveIntegerField(default=0, help_text="How many visits have a coverage."),
                ),
            ],
            options={
                "indexes": [
                    models.Index(
                        fields=["organisation", "key", "bay", "day"], name="compliance__organis_e4ee3c_idx"
                    )
                ],
                "constraints": [
                    models.UniqueConstraint(
                        fields=["store", "day", "auditor", "key", "bay", "category", "brand"],
                        name="kpi_rollup_once",
                        nulls_distinct=False,
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="SkuRollup",
            fields=[
                *cell(),
                (
                    "sku",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.sku"
                    ),
                ),
                ("facings", amount(16)),
                ("width", amount(18)),
                ("expected", models.PositiveIntegerField()),
                ("present", models.PositiveIntegerField()),
                ("missing", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "sku", "day"], name="compliance__organis_37940e_idx")
                ],
                "constraints": [
                    models.UniqueConstraint(fields=["store", "day", "auditor", "sku"], name="sku_rollup_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="Spell",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organisation", organisation()),
                (
                    "store",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="stores.store"
                    ),
                ),
                (
                    "sku",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to="catalog.sku"
                    ),
                ),
                ("since", models.DateTimeField()),
                ("last_missing", models.DateTimeField()),
                ("until", models.DateTimeField(null=True)),
                ("visits", models.PositiveIntegerField()),
                (
                    "latest",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="compliance.outofstock",
                    ),
                ),
            ],
            options={
                "indexes": [
                    models.Index(fields=["organisation", "until"], name="compliance__organis_93f2a8_idx")
                ],
                "constraints": [models.UniqueConstraint(fields=["store", "sku", "since"], name="spell_once")],
            },
        ),
    ]
