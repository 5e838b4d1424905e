from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recognition", "0004_model_registry"),
    ]

    operations = [
        migrations.AlterField(
            model_name="correction",
            name="verdict",
            field=models.CharField(
                blank=True,
                choices=[
                    ("product", "It is this product"),
                    ("unknown", "Not in the catalogue"),
                    ("not_a_product", "Not a product facing"),
                ],
                max_length=14,
            ),
        ),
    ]
