"""Where definitions, promotions, scorecards and figures are found."""

from django.urls import path

from compliance.scoring import definitions, figures, promotions, scorecards

app_name = "scoring"
urlpatterns = [
    path("", definitions.current, name="definitions"),
    path("definitions/<int:pk>/", definitions.version, name="version"),
    path("definitions/<int:pk>/download/", definitions.download, name="download"),
    path("definitions/<int:pk>/activate/", definitions.use, name="activate"),
    path("definitions/new/", definitions.new, name="new"),
    path("definitions/upload/", definitions.upload, name="upload"),
    path("promotions/", promotions.promotion_list, name="promotions"),
    path("promotions/new/", promotions.edit, name="new_promotion"),
    path("promotions/<int:pk>/", promotions.edit, name="promotion"),
    path("promotions/<int:pk>/remove/", promotions.remove, name="remove_promotion"),
    path("scorecards/", scorecards.scorecard_list, name="scorecards"),
    path("scorecards/new/", scorecards.edit, name="new_scorecard"),
    path("scorecards/<int:pk>/", scorecards.edit, name="scorecard"),
    path("figures/", figures.figures, name="figures"),
]
