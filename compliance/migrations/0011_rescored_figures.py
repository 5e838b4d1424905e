import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("compliance", "0010_planogram_files")]

    operations = [
        migrations.AddField(model_name="rescoredvisit", name="figures", field=models.JSONField(default=dict)),
        migrations.AddField(
            model_name="rescoredvisit", name="differs", field=models.BooleanField(default=False)
        ),
        migrations.AlterField(
            model_name="rescoredvisit",
            name="before",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="+", to="compliance.assessment"
            ),
        ),
        migrations.AlterField(
            model_name="rescoring",
            name="state",
            field=models.CharField(
                choices=[
                    ("running", "Scoring"),
                    ("ready", "Ready to compare"),
                    ("adopting", "Being adopted"),
                    ("adopted", "Adopted"),
                    ("cancelled", "Cancelled"),
                    ("discarded", "Being deleted"),
                ],
                default="running",
                max_length=10,
            ),
        ),
    ]
