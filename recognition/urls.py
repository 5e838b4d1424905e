"""Where recognition's quality, its models and the review of unsure products are found."""

from django.urls import path

from recognition.views import models, quality, review

app_name = "recognition"
urlpatterns = [
    path("", quality.quality, name="quality"),
    path("review/", review.review, name="review"),
    path("review/begin/", review.begin, name="begin"),
    path("review/back/", review.back, name="back"),
    path("review/<int:pk>/", review.answer, name="answer"),
    path("review/<int:pk>/products/", review.products, name="products"),
    path("models/", models.model_list, name="models"),
    path("models/<int:pk>/", models.model, name="model"),
    path("models/<int:pk>/activate/", models.activate_view, name="activate"),
    path("models/<str:role>/rollback/", models.rollback_view, name="rollback"),
]
