from __future__ import annotations

import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandError
from PIL import Image, ImageDraw

from recognition.models import Gallery
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Sku
from retail_exec.trial.gallery import open_trial
from tests.rendered import products
from tests.retail_exec.trial.files import Files, write_files

pytestmark = pytest.mark.django_db
SHARED = Path(__file__).resolve().parents[4] / "shared" / "data" / "snack-shelves"


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    return write_files(tmp_path_factory.mktemp("files"))


def process(files: Files, *photos: Path, **options: Any) -> dict[str, Any]:
    out = StringIO()
    chosen = {"catalog": files.catalogue, "packshots": files.packshots, "no_adapt": True} | options
    call_command("process", *(photos or (files.photo,)), stdout=out, stderr=StringIO(), **chosen)
    return dict(json.loads(out.getvalue()))


def rows() -> tuple[int, int, int]:
    return Organisation.objects.count(), Sku.objects.count(), Gallery.objects.count()


def test_a_photo_becomes_facings_kpis_and_positions_and_nothing_is_kept(files: Files) -> None:
    before = rows()

    result = process(files, planogram=files.planogram, own=[products()[0].brand])

    (photo,) = result["photos"]
    assert photo["quality"]["usable"]
    assert photo["shelves"] == 2
    assert len(photo["facings"]) >= 12
    first = photo["facings"][0]
    assert set(first) >= {"bbox", "shelf", "position", "sku", "brand", "confidence", "status", "candidates"}
    assert {c["packshot"] for f in photo["facings"] for c in f["candidates"]} <= {
        f"{s.sku}.png" for s in products()
    }
    assert photo["price_tags"]
    assert {tag["shelf"] for tag in photo["price_tags"]} <= set(range(photo["shelves"]))
    assert result["kpis"]["facing_share"][0]["denominator"] >= 1
    assert {p["sku"] for p in result["positions"]} == {s.sku for s in products()}
    assert all(p["status"] and isinstance(p["evidence"], list) for p in result["positions"])
    assert set(result["versions"]) >= {"detector", "embedder", "gallery", "pipeline", "commit"}
    assert result["machine"]["cores"] >= 1
    assert rows() == before


def test_the_embedding_fitted_to_a_catalogue_is_kept_for_the_next_command(
    files: Files, tmp_path: Path
) -> None:
    """Two products, so that fitting takes seconds."""
    catalogue = tmp_path / "two.csv"
    catalogue.write_text("\n".join(files.catalogue.read_text().splitlines()[:3]))
    kept = Path(settings.VAR_DIR) / "cache" / "heads"

    first = process(files, catalog=catalogue, no_adapt=False)
    written = {file: file.stat().st_mtime_ns for file in kept.glob("*.npz")}
    second = process(files, catalog=catalogue, no_adapt=False)

    assert first["adaptation"]["products"] == 2
    assert second["adaptation"] == first["adaptation"]
    assert second["versions"] == first["versions"]
    assert {file: file.stat().st_mtime_ns for file in kept.glob("*.npz")} == written
    assert written


def test_an_unreadable_photo_is_named_and_the_others_are_read(files: Files, tmp_path: Path) -> None:
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(files.photo.read_bytes()[:20_000])

    bad, good = process(files, broken, files.photo)["photos"]

    assert "cut off" in bad["error"]
    assert good["facings"]
    with pytest.raises(CommandError, match="None of the photos"):
        process(files, broken)


def test_a_photo_without_a_shelf_is_said_to_be_one(files: Files, tmp_path: Path) -> None:
    wall = Image.new("RGB", (900, 700), "#b9b2a5")
    ImageDraw.Draw(wall).text((100, 100), "wet paint", fill="#333333")
    wall.save(tmp_path / "wall.png")
    speckle = Image.effect_noise((900, 700), 60).convert("RGB")
    Image.blend(wall, speckle, 0.4).save(tmp_path / "wall.png")

    (photo,) = process(files, tmp_path / "wall.png")["photos"]

    assert not photo["quality"]["usable"]
    assert "No shelf" in photo["quality"]["problems"][0]
    assert photo["facings"] == []


def test_a_photo_on_its_side_is_read_and_the_person_told(files: Files, tmp_path: Path) -> None:
    with Image.open(files.photo) as upright:
        upright.transpose(Image.Transpose.ROTATE_90).save(tmp_path / "side.png")

    (photo,) = process(files, tmp_path / "side.png")["photos"]

    assert "sideways" in photo["quality"]["problems"][0]
    assert (photo["width"], photo["height"]) == (900, 1200)
    assert photo["shelves"] == 2
    assert len(photo["facings"]) >= 12


def test_catalogue_rows_and_packshots_that_are_of_no_use_are_listed(files: Files, tmp_path: Path) -> None:
    catalogue = tmp_path / "catalog.csv"
    catalogue.write_text(
        files.catalogue.read_text() + "\n,,Nobody,No SKU,Soup,,\nX-1,,Nobody,No picture,Soup,,\n"
    )
    packshots = tmp_path / "packshots"
    packshots.mkdir()
    for file in files.packshots.iterdir():
        (packshots / file.name).write_bytes(file.read_bytes())
    (packshots / "stranger.png").write_bytes(next(files.packshots.iterdir()).read_bytes())
    (packshots / f"{products()[0].sku}").mkdir()
    (packshots / f"{products()[0].sku}" / "side.png").write_bytes(b"no picture at all")

    left = process(files, catalog=catalogue, packshots=packshots)["left"]

    said = [f"{row['line']} {row['field']}: {row['why']}" for row in left]
    assert any(s.startswith("10 sku") for s in said)
    assert any("SKU X-1" in s and "no packshot" in s for s in said)
    assert any("stranger.png" in s and "no SKU 'stranger'" in s for s in said)
    assert any("side.png" in s and "JPEG, PNG, WebP or HEIC" in s for s in said)


def test_a_planogram_row_naming_an_unknown_sku_is_left_out_and_named(files: Files, tmp_path: Path) -> None:
    plan = tmp_path / "plan.csv"
    plan.write_text(files.planogram.read_text() + "\nBay,1,9,NOT-OURS,1\n")

    result = process(files, planogram=plan)

    assert any(row["line"] == 10 and "NOT-OURS" in row["why"] for row in result["left"])
    assert len(result["positions"]) == 8


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"catalog": Path("nowhere.csv")}, "nowhere.csv"),
        ({"packshots": Path("nowhere")}, "expected a folder of packshots"),
        ({"planogram": Path("nowhere.csv")}, "nowhere.csv"),
    ],
)
def test_a_missing_file_is_named(files: Files, change: dict[str, Path], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        process(files, **change)
    with pytest.raises(CommandError, match=r"no such file: gone\.jpg"):
        process(files, Path("gone.jpg"))


def test_an_interrupted_trial_leaves_nothing(files: Files) -> None:
    before = rows()

    def interrupted() -> None:
        with open_trial(files.catalogue, files.packshots, adapted=False):
            assert rows() != before
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        interrupted()
    assert rows() == before


def test_annotated_photos_and_the_json_file_are_written(files: Files, tmp_path: Path) -> None:
    out = StringIO()
    call_command(
        "process", files.photo, catalog=files.catalogue, packshots=files.packshots, no_adapt=True, stdout=out,
        annotate=tmp_path / "drawn", json=tmp_path / "deep" / "result.json",
    )  # fmt: skip

    assert (tmp_path / "drawn" / "1.jpg").stat().st_size > 10_000
    assert json.loads((tmp_path / "deep" / "result.json").read_text())["photos"][0]["facings"]
    assert out.getvalue().startswith("1 photos: 1 photos")


@pytest.mark.skipif(not SHARED.is_dir(), reason=f"needs the real shelf photos in {SHARED}")
def test_real_shelf_photos_are_read(files: Files) -> None:
    photos = sorted((SHARED / "photos").glob("*.jpg"))[:2]

    result = process(files, *photos, catalog=SHARED / "catalog.csv", packshots=SHARED / "packshots")

    for photo in result["photos"]:
        assert photo["shelves"] == 5
        assert 20 <= len(photo["facings"]) <= 50
        assert photo["rectified"] > 0.5
    assert result["kpis"]["facing_share"]
