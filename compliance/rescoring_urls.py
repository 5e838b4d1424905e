"""Where rescorings are found."""

from django.urls import path, re_path

from compliance.views import rescorings

app_name = "rescoring"
urlpatterns = [
    path("", rescorings.rescoring_list, name="list"),
    path("new/", rescorings.new, name="new"),
    path("<int:pk>/", rescorings.detail, name="detail"),
    path("<int:pk>/progress/", rescorings.progress, name="progress"),
    path("<int:pk>/visits/<int:visit>/", rescorings.visit, name="visit"),
    re_path(r"^(?P<pk>\d+)/(?P<what>cancel|adopt|discard)/$", rescorings.act, name="act"),
]
