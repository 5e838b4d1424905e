"""Where visits, their photos and their results are found."""

from django.urls import path

from retail_exec.visits.views import bays, facings, kpis, photos, pictures, start, tasks, visits

app_name = "visits"
urlpatterns = [
    path("", start.home, name="home"),
    path("visits/", visits.visit_list, name="list"),
    path("visits/start/", start.stores, name="stores"),
    path("visits/start/<int:store>/", start.start, name="start"),
    path("visits/<int:pk>/", visits.visit, name="visit"),
    path("visits/<int:pk>/work/", visits.work, name="work"),
    path("visits/<int:pk>/finish/", visits.finish, name="finish"),
    path("visits/<int:pk>/photos/", photos.upload, name="upload"),
    path("visits/<int:pk>/bays/<int:bay>/", bays.bay, name="bay"),
    path("kpis/<int:pk>/", kpis.kpi, name="kpi"),
    path("out-of-stock/<int:pk>/", kpis.out_of_stock, name="out_of_stock"),
    path("positions/<int:pk>/", bays.position, name="position"),
    path("photos/<int:pk>/", photos.photo, name="photo"),
    path("photos/<int:pk>/move/", photos.move, name="move"),
    path("photos/<int:pk>/discard/", photos.discard, name="discard"),
    path("photos/<int:pk>/<str:size>.jpg", pictures.photo, name="picture"),
    path("facings/<int:pk>/", facings.facing, name="facing"),
    path("facings/<int:pk>/crop.jpg", pictures.facing, name="facing_crop"),
    path("facings/<int:pk>/products/", facings.products, name="products"),
    path("facings/<int:pk>/correct/", facings.correct, name="correct"),
    path("gaps/<int:pk>/", facings.gap, name="gap"),
    path("tasks/", tasks.task_list, name="tasks"),
    path("tasks/rules/", tasks.rules, name="task_rules"),
    path("tasks/rules/new/", tasks.rule, name="task_rule_new"),
    path("tasks/rules/<int:pk>/", tasks.rule, name="task_rule"),
    path("tasks/<int:pk>/", tasks.task, name="task"),
    path("tasks/<int:pk>/cannot/", tasks.cannot, name="task_cannot"),
    path("tasks/<int:pk>/again/", tasks.ask_again, name="task_again"),
    path("packshots/<int:pk>.jpg", pictures.packshot, name="packshot"),
]
