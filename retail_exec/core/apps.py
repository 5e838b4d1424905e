from django.apps import AppConfig


class CoreConfig(AppConfig):
    name = "retail_exec.core"
    verbose_name = "Core"

    def ready(self) -> None:
        from retail_exec.core import checks  # noqa: F401 - registers them
