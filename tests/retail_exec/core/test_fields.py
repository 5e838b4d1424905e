"""Files that forms take are not larger than they may be."""

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile

from retail_exec.core.fields import SmallFileField


def test_a_file_up_to_the_limit_is_taken() -> None:
    file = SimpleUploadedFile("a.csv", b"x" * 100)

    assert SmallFileField(most=100).clean(file) is file


def test_a_larger_file_is_refused_with_both_sizes() -> None:
    with pytest.raises(ValidationError, match=r"The file has 2\.5 MB; up to 1 MB are read\."):
        SmallFileField(most=1_000_000).clean(SimpleUploadedFile("a.csv", b"x" * 2_500_000))


def test_no_file_is_asked_for() -> None:
    with pytest.raises(ValidationError, match="required"):
        SmallFileField(most=100).clean(None)
