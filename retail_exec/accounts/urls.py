"""Where the pages about the person who is signed in are found; allauth's are beside them."""

from django.urls import path

from retail_exec.accounts import views

app_name = "accounts"
urlpatterns = [path("organisation/<int:pk>/", views.choose_organisation, name="organisation")]
