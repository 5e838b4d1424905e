"""The API's addresses."""

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView
from rest_framework.routers import SimpleRouter

from retail_exec.api import held_against, planograms, scoring, views
from retail_exec.api.availability import AvailabilityViewSet
from retail_exec.api.missing import SpellViewSet
from retail_exec.api.rescorings import RescoringViewSet
from retail_exec.api.stores import StoreViewSet
from retail_exec.api.tasks import TaskViewSet

app_name = "api"

router = SimpleRouter()
router.register("visits", views.VisitViewSet)
router.register("photos", views.PhotoViewSet)
router.register("facings", views.FacingViewSet)
router.register("kpis", views.KpiViewSet)
router.register("out-of-stock", views.OutOfStockViewSet)
router.register("spells", SpellViewSet)
router.register("product-availability", AvailabilityViewSet, basename="availability")
router.register("stores", StoreViewSet)
router.register("skus", views.SkuViewSet)
router.register("tasks", TaskViewSet)
router.register("planograms", planograms.PlanogramViewSet)
router.register("planogram-assignments", planograms.AssignmentViewSet)
router.register("kpi-definitions", scoring.DefinitionsViewSet)
router.register("promotions", held_against.PromotionViewSet)
router.register("must-stock-lists", held_against.MustStockListViewSet)
router.register("rescorings", RescoringViewSet)
router.register("scorecards", scoring.ScorecardViewSet)

urlpatterns = [
    path("v1/", include(router.urls)),
    path("schema/", SpectacularAPIView.as_view(), name="schema"),
    # The split view keeps its script in a file of its own, as our content security policy wants it.
    path("docs/", SpectacularSwaggerSplitView.as_view(url_name="api:schema"), name="docs"),
]
