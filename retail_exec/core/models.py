"""What every tenant's data shares: an owner, claimable work, and the audit trail."""

from django.conf import settings
from django.db import models
from django.utils import timezone


class Owned(models.Model):
    """Data of one organisation."""

    organisation = models.ForeignKey("accounts.Organisation", on_delete=models.CASCADE, related_name="+")

    class Meta:
        abstract = True


class WorkState(models.TextChoices):
    """Where a piece of background work stands; the screens read this."""

    WAITING = "waiting", "Waiting"
    RUNNING = "running", "Running"
    DONE = "done", "Done"
    REFUSED = "refused", "Not usable"
    QUARANTINED = "quarantined", "Set aside after three failures"


class Claimable(models.Model):
    """A row that a worker claims by a conditional UPDATE with a lease; see core/claims.py.

    attempts is counted when the claim is made, before any of the work, so that work which kills its worker
    is counted too. A result is saved only by the holder of the claim. queued_at: when it was last enqueued.
    """

    state = models.CharField(max_length=12, choices=WorkState, default=WorkState.WAITING)
    attempts = models.PositiveSmallIntegerField(default=0)
    queued_at = models.DateTimeField(default=timezone.now, editable=False)
    claim = models.UUIDField(null=True, blank=True, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    problem = models.TextField(
        blank=True, help_text="Why it is refused or set aside, for the person who sent it."
    )

    class Meta:
        abstract = True


class AuditEvent(Owned):
    """One thing somebody did that changes what the numbers say.

    Append-only, which the database enforces, and chained by organisation: ``hash`` covers the event and the
    hash before it, so that a change, a hole or another order shows. Written and checked by core/audit.py.
    actor_name: the person's e-mail address at that time, kept when the account goes.
    """

    number = models.PositiveBigIntegerField(help_text="Counts from 1 in each organisation.")
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+"
    )
    actor_name = models.CharField(max_length=254)
    action = models.CharField(max_length=60)
    subject = models.CharField(max_length=120, help_text="What it was done to, e.g. photo 12 facing 3.")
    detail = models.JSONField(default=dict)
    at = models.DateTimeField()
    previous = models.CharField(max_length=64, help_text="Hash of the event before; zeros for the first.")
    hash = models.CharField(max_length=64)

    class Meta:
        ordering = ["-id"]
        indexes = [models.Index(fields=["organisation", "-at"])]
        constraints = [
            models.UniqueConstraint(fields=["organisation", "number"], name="audit_event_number_once")
        ]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"
