"""What is sold: brands, categories, SKUs, their packshots, and what must be stocked where."""

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower

from retail_exec.core.models import Owned


class Brand(Owned):
    """A brand, own or a competitor's."""

    name = models.CharField(max_length=120)
    is_own = models.BooleanField("own brand", default=False)

    class Meta:
        ordering = ["name"]
        constraints = [models.UniqueConstraint("organisation", Lower("name"), name="brand_name_once")]

    def __str__(self) -> str:
        return self.name


class Category(Owned):
    """A category: the denominator of share of shelf."""

    name = models.CharField(max_length=120)

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "categories"
        constraints = [models.UniqueConstraint("organisation", Lower("name"), name="category_name_once")]

    def __str__(self) -> str:
        return self.name


class Sku(Owned):
    """A product as it is ordered and sold. width_cm and height_cm: one unit's front.

    kind: display material (POSM: wobblers, toppers, stands) is recognised like a product and is on neither
    side of any share of shelf.
    """

    class Kind(models.TextChoices):
        """What it is."""

        PRODUCT = "product", "Product"
        MATERIAL = "material", "Display material"

    code = models.CharField(max_length=60)
    gtin = models.CharField(
        "GTIN", max_length=14, blank=True, help_text="14 digits, padded with zeros on the left."
    )
    name = models.CharField(max_length=200)
    brand = models.ForeignKey(Brand, on_delete=models.RESTRICT, related_name="skus")
    category = models.ForeignKey(Category, on_delete=models.RESTRICT, related_name="skus")
    size = models.CharField(max_length=40, blank=True)
    width_cm = models.FloatField("width, cm", null=True, blank=True)
    height_cm = models.FloatField("height, cm", null=True, blank=True)
    price = models.DecimalField(max_digits=10, decimal_places=2, null=True, blank=True)
    active = models.BooleanField(default=True)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.PRODUCT)

    class Meta:
        ordering = ["code"]
        verbose_name = "SKU"
        constraints = [
            models.UniqueConstraint(fields=["organisation", "code"], name="sku_code_once"),
            models.UniqueConstraint(
                fields=["organisation", "gtin"], condition=~Q(gtin=""), name="sku_gtin_once"
            ),
            models.CheckConstraint(condition=~Q(code=""), name="sku_code_given"),
            models.CheckConstraint(
                condition=Q(gtin="") | Q(gtin__regex=r"^\d{14}$"), name="sku_gtin_14_digits"
            ),
            models.CheckConstraint(condition=Q(width_cm=None) | Q(width_cm__gt=0), name="sku_width_positive"),
            models.CheckConstraint(
                condition=Q(height_cm=None) | Q(height_cm__gt=0), name="sku_height_positive"
            ),
            models.CheckConstraint(condition=Q(price=None) | Q(price__gte=0), name="sku_price_not_negative"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


def packshot_path(packshot: "Packshot", name: str) -> str:
    """Packshots lie by organisation and content."""
    suffix = name.rsplit(".", 1)[-1].lower() if "." in name else "png"
    return f"packshots/{packshot.sku.organisation_id}/{packshot.sha256}.{suffix}"


class Packshot(models.Model):
    """A reference picture of a SKU; one is enough, several views are better."""

    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="packshots")
    image = models.ImageField(upload_to=packshot_path, max_length=200)
    sha256 = models.CharField(max_length=64, editable=False)
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["sku", "sha256"], name="packshot_once")]

    def __str__(self) -> str:
        return f"packshot {self.pk} of {self.sku}"


class MustStockList(Owned):
    """SKUs that every store it applies to must have. An empty filter applies to all stores."""

    name = models.CharField(max_length=120)
    chains = models.ManyToManyField("stores.Chain", blank=True)
    regions = models.ManyToManyField("stores.Region", blank=True)
    channel = models.CharField(max_length=10, blank=True, help_text="Leave empty for every channel.")
    effective_from = models.DateField(null=True, blank=True)
    effective_to = models.DateField(null=True, blank=True)

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name"], name="must_stock_list_once"),
            models.CheckConstraint(
                condition=Q(effective_to=None)
                | Q(effective_from=None)
                | Q(effective_to__gte=models.F("effective_from")),
                name="must_stock_list_dates",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class MustStockItem(models.Model):
    """One SKU of a must-stock list."""

    must_stock_list = models.ForeignKey(MustStockList, on_delete=models.CASCADE, related_name="items")
    sku = models.ForeignKey(Sku, on_delete=models.CASCADE, related_name="must_stock_items")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["must_stock_list", "sku"], name="must_stock_item_once")
        ]

    def __str__(self) -> str:
        return f"{self.sku} on {self.must_stock_list}"
