"""What was recognised, by which versions, and the galleries it was compared with."""

from recognition.models.galleries import EMBEDDING_SIZE, Gallery, GalleryState, ReferenceEmbedding
from recognition.models.keypoints import PackshotKeypoints
from recognition.models.price_tags import PriceTag
from recognition.models.runs import Correction, Facing, RecognitionRun, ShelfGap

__all__ = [
    "EMBEDDING_SIZE",
    "Correction",
    "Facing",
    "Gallery",
    "GalleryState",
    "PackshotKeypoints",
    "PriceTag",
    "RecognitionRun",
    "ReferenceEmbedding",
    "ShelfGap",
]
