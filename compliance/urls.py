"""Where planograms are found."""

from django.urls import path

from compliance.views import editor, files, places, planograms

app_name = "planograms"
urlpatterns = [
    path("", planograms.planogram_list, name="list"),
    path("upload/", files.upload, name="upload"),
    path("upload/<int:pk>/", files.confirm, name="confirm"),
    path("new/", editor.new, name="new"),
    path("products/", editor.products, name="products"),
    path("from-photo/<int:photo>/", editor.from_photo, name="from_photo"),
    path("<int:pk>/", planograms.planogram, name="detail"),
    path("<int:pk>/edit/", editor.edit, name="edit"),
    path("<int:pk>/compare/", planograms.compare, name="compare"),
    path("<int:pk>/download/", files.download, name="download"),
    path("<int:pk>/original/", files.original, name="original"),
    path("<int:pk>/dates/", places.dates, name="dates"),
    path("<int:pk>/discard/", places.discard, name="discard"),
    path("<int:pk>/assign/", places.assign, name="assign"),
    path("<int:pk>/assignments/<int:assignment>/remove/", places.unassign, name="unassign"),
    path("<int:pk>/bays/<int:bay>/remove/", places.take_from_bay, name="take_from_bay"),
]
