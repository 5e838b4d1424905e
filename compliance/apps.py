from django.apps import AppConfig


class ComplianceConfig(AppConfig):
    name = "compliance"
    verbose_name = "Compliance"

    def ready(self) -> None:
        """A visit that is deleted leaves the sums."""
        from django.db.models.signals import post_delete

        from compliance.services.rollups import leave

        post_delete.connect(leave, sender="visits.Visit", dispatch_uid="visit leaves the sums")
