"""Recognition errors in the sums, and the facts of results that are older than facts."""

from django.db import migrations, models

FACTS_OF_OLD_RESULTS = """
    WITH shares AS (
        SELECT k.assessment_id, k.key, e.items->number->>1 AS code,
               sum((e.items->number->>0)::numeric) AS amount
        FROM compliance_kpiresult k
        JOIN compliance_evidence e ON e.assessment_id = k.assessment_id,
        unnest(k.denominator_refs) AS number
        WHERE k.scope = '{}' AND k.key IN ('facing_share', 'linear_share') AND e.items->number->>1 IS NOT NULL
        GROUP BY k.assessment_id, k.key, code
    ), told AS (
        SELECT assessment_id, code, amount AS facings, 0 AS width, 0 AS expected, 0 AS present, 0 AS missing
        FROM shares WHERE key = 'facing_share'
        UNION ALL SELECT assessment_id, code, 0, amount, 0, 0, 0 FROM shares WHERE key = 'linear_share'
        UNION ALL
        SELECT assessment_id, scope->>'sku', 0, 0, 1, CASE WHEN numerator > 0 THEN 1 ELSE 0 END, 0
        FROM compliance_kpiresult WHERE key = 'sku_availability'
        UNION ALL
        SELECT o.assessment_id, s.code, 0, 0, 0, 0, 1
        FROM compliance_outofstock o JOIN catalog_sku s ON s.id = o.sku_id
    )
    INSERT INTO compliance_skufact (assessment_id, sku_id, facings, width, expected, present, missing)
    SELECT t.assessment_id, s.id, sum(t.facings), sum(t.width), max(t.expected), max(t.present),
           max(t.missing)
    FROM told t
    JOIN compliance_assessment a ON a.id = t.assessment_id
    JOIN catalog_sku s ON s.organisation_id = a.organisation_id AND s.code = t.code
    GROUP BY t.assessment_id, s.id
    ON CONFLICT DO NOTHING
"""


def sum_up(apps, schema_editor):
    """Make the sums of the organisations that are there."""
    from compliance.services.rollups import rebuild

    if organisations := list(apps.get_model("accounts", "Organisation").objects.values_list("pk", flat=True)):
        rebuild(organisations)


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial"), ("compliance", "0011_rescored_figures")]

    operations = [
        migrations.AddField(
            model_name="kpirollup",
            name="expected",
            field=models.DecimalField(decimal_places=4, default=0, max_digits=20),
        ),
        migrations.AddField(
            model_name="kpirollup",
            name="variance",
            field=models.DecimalField(decimal_places=6, default=0, max_digits=24),
        ),
        migrations.RunSQL(FACTS_OF_OLD_RESULTS, migrations.RunSQL.noop, elidable=True),
        migrations.RunPython(sum_up, migrations.RunPython.noop, elidable=True),
    ]
