"""Where planograms are found."""

from django.urls import path

from compliance import views

app_name = "planograms"
urlpatterns = [
    path("", views.planogram_list, name="list"),
    path("upload/", views.upload, name="upload"),
    path("<int:pk>/", views.planogram, name="detail"),
]
