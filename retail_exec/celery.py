"""The Celery application: `celery -A retail_exec worker`."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "retail_exec.settings")

app = Celery("retail_exec")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
