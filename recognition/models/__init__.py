"""What was recognised, by which versions, and the galleries it was compared with."""

from recognition.models.galleries import EMBEDDING_SIZE, Gallery, GalleryState, ReferenceEmbedding
from recognition.models.keypoints import PackshotKeypoints
from recognition.models.price_tags import PriceTag
from recognition.models.registry import DataSetVersion, ModelState, ModelVersion, TrainingRun
from recognition.models.runs import Correction, Facing, RecognitionRun, ShelfGap

__all__ = [
    "EMBEDDING_SIZE",
    "Correction",
    "DataSetVersion",
    "Facing",
    "Gallery",
    "GalleryState",
    "ModelState",
    "ModelVersion",
    "PackshotKeypoints",
    "PriceTag",
    "RecognitionRun",
    "ReferenceEmbedding",
    "ShelfGap",
    "TrainingRun",
]
