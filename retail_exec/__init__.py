"""The Django project: who, where, what was photographed, and how people see it."""

from retail_exec.celery import app as celery_app

__all__ = ["celery_app"]
