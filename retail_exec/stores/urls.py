"""Where stores and bays are listed, brought in and handed out."""

from django.urls import path

from retail_exec.stores import views

app_name = "stores"
urlpatterns = [
    path("", views.store_list, name="list"),
    path("upload/", views.upload, name="upload"),
    path("upload/confirm/", views.confirm, name="confirm"),
    path("stores.csv", views.download, name="download"),
]
