"""Number and chain the audit events, then let the database refuse to change or remove them."""

import hashlib
import json
from datetime import UTC

from django.conf import settings
from django.db import migrations, models

PROTECT = """
CREATE FUNCTION audit_event_is_final() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE EXCEPTION 'audit events are never removed (event % of organisation %)',
            OLD.number, OLD.organisation_id USING ERRCODE = 'restrict_violation';
    END IF;
    -- Only the link to an account that goes may be cleared; the name stays.
    IF to_jsonb(NEW) - 'actor_id' <> to_jsonb(OLD) - 'actor_id' OR NEW.actor_id IS NOT NULL THEN
        RAISE EXCEPTION 'audit events are never changed (event % of organisation %)',
            OLD.number, OLD.organisation_id USING ERRCODE = 'restrict_violation';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER audit_event_is_final BEFORE UPDATE OR DELETE ON core_auditevent
    FOR EACH ROW EXECUTE FUNCTION audit_event_is_final();
"""
UNPROTECT = "DROP TRIGGER audit_event_is_final ON core_auditevent; DROP FUNCTION audit_event_is_final();"


def chain(apps, schema_editor):
    """Events written before there was a chain, in the order of their ids."""
    event_model = apps.get_model("core", "AuditEvent")
    ends = {}
    for event in event_model.objects.select_related("actor").order_by("id").iterator():
        number, previous = ends.get(event.organisation_id, (0, "0" * 64))
        event.number, event.previous = number + 1, previous
        event.actor_name = event.actor.email if event.actor else ""
        said = {
            "organisation": event.organisation_id,
            "number": event.number,
            "actor": event.actor_name,
            "action": event.action,
            "subject": event.subject,
            "detail": event.detail,
            "at": event.at.astimezone(UTC).isoformat(timespec="microseconds"),
            "previous": event.previous,
        }
        text = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
        event.hash = hashlib.sha256(text.encode()).hexdigest()
        event.save()
        ends[event.organisation_id] = (event.number, event.hash)


class Migration(migrations.Migration):

    dependencies = [
        ("core", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField("auditevent", "number", models.PositiveBigIntegerField(default=0), preserve_default=False),
        migrations.AddField("auditevent", "actor_name", models.CharField(default="", max_length=254), preserve_default=False),
        migrations.AddField("auditevent", "previous", models.CharField(default="", help_text="Hash of the event before; zeros for the first.", max_length=64), preserve_default=False),
        migrations.AddField("auditevent", "hash", models.CharField(default="", max_length=64), preserve_default=False),
        migrations.AlterField("auditevent", "at", models.DateTimeField()),
        migrations.RunPython(chain, migrations.RunPython.noop),
        migrations.AlterField("auditevent", "number", models.PositiveBigIntegerField(help_text="Counts from 1 in each organisation.")),
        migrations.AddConstraint("auditevent", models.UniqueConstraint(fields=("organisation", "number"), name="audit_event_number_once")),
        migrations.RunSQL(PROTECT, UNPROTECT),
    ]
