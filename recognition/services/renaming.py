"""Past photos beside a new gallery: what they show is named again, and nothing that counts changes by it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from recognition.models import RecognitionRun
from recognition.renaming import name_again
from recognition.services.layouts import add_run, load_layout
from recognition.services.pipelines import pipeline_for
from retail_exec.accounts.models import Organisation


def name_photos_again(
    organisation: Organisation, since: date | None = None, until: date | None = None
) -> Iterator[RecognitionRun]:
    """Give photos that were read with an older gallery a further run with the gallery in use; yield the runs.

    since, until: days of upload, both included. The runs are not current: numbers stay until a period is
    scored again with them and adopted. Photos that have such a run are left out.
    """
    pipeline = pipeline_for(organisation.pk)
    wanted = {name: pipeline.versions[name] for name in ("embedder", "gallery", "pipeline")}
    runs = RecognitionRun.objects.filter(organisation=organisation, current=True)
    if since is not None:
        runs = runs.filter(photo__uploaded_at__date__gte=since)
    if until is not None:
        runs = runs.filter(photo__uploaded_at__date__lte=until)
    done = RecognitionRun.objects.filter(organisation=organisation, **wanted).values("photo")
    for pk in list(runs.exclude(photo__in=done).order_by("pk").values_list("pk", flat=True)):
        run = RecognitionRun.objects.select_related("photo").filter(pk=pk).first()
        if run is None:
            continue
        with run.photo.file.open("rb") as file:
            layout = name_again(pipeline, file.read(), load_layout(run).layout)
        yield add_run(run, layout)
