"""Getting a worker process ready before its first photo."""

from __future__ import annotations

import logging

import numpy as np
from django.conf import settings
from django.db import DatabaseError

from recognition.runtime.manifest import ModelError
from recognition.services.galleries import load_embedder
from recognition.services.keypoints import load_finder
from recognition.services.registry import active_entry
from recognition.stages.detect import Detector
from recognition.stages.embed import BATCH

log = logging.getLogger(__name__)


def warm_up() -> bool:
    """Open the active models' sessions and run each once; False when that is not possible yet.

    The first photo would otherwise wait for files to be read and checked and for memory to be laid out. A
    worker may start before the database has its tables: then the first photo does it.
    """
    try:
        Detector(active_entry("detector"), settings.RECOGNITION_THREADS).detect(
            np.zeros((768, 1024, 3), np.uint8)
        )
        load_embedder().embed([np.zeros((160, 160, 3), np.uint8)] * BATCH)
        finder = load_finder()
        if finder is not None:
            finder.find([np.zeros((160, 160, 3), np.uint8)])
    except (DatabaseError, ModelError) as error:
        log.warning("the models are not ready: %s", error)
        return False
    return True
