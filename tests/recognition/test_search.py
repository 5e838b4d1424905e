from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from recognition.models import Gallery, ReferenceEmbedding
from recognition.search import BY_INDEX, EXACT, PgvectorGallery
from recognition.stages.retrieve import NumpyGallery
from recognition.types import FloatArray
from retail_exec.accounts.models import Organisation
from retail_exec.catalog.models import Brand, Category, Packshot, Sku
from tests.factories import make_organisation

pytestmark = pytest.mark.django_db


def unit(count: int, seed: int) -> FloatArray:
    vectors = np.random.default_rng(seed).normal(size=(count, 256)).astype(np.float32)
    return np.asarray(vectors / np.linalg.norm(vectors, axis=1, keepdims=True))


def make_gallery(organisation: Organisation, vectors: FloatArray, codes: Sequence[str]) -> Gallery:
    """A gallery with one packshot for each vector; ``codes`` names the vectors' SKUs and may repeat."""
    brand = Brand.objects.create(organisation=organisation, name="Fieldmark")
    category = Category.objects.create(organisation=organisation, name="Crisps")
    skus = {
        code: Sku.objects.create(
            organisation=organisation, code=code, name=code, brand=brand, category=category
        )
        for code in dict.fromkeys(codes)
    }
    gallery = Gallery.objects.create(organisation=organisation, embedder="test-1", version="g1")
    packshots = Packshot.objects.bulk_create(
        Packshot(sku=skus[code], image=f"packshots/{i}.png", sha256=f"{i:064}")
        for i, code in enumerate(codes)
    )
    ReferenceEmbedding.objects.bulk_create(
        ReferenceEmbedding(
            organisation=organisation, gallery=gallery, sku=packshot.sku, packshot=packshot, vector=vector
        )
        for packshot, vector in zip(packshots, vectors, strict=True)
    )
    return gallery


def test_the_answer_is_that_of_an_exact_comparison_by_sku() -> None:
    vectors, codes = unit(60, 1), [f"P{i % 20:02}" for i in range(60)]
    gallery = make_gallery(make_organisation(), vectors, codes)
    packshots = [str(e.packshot_id) for e in gallery.embeddings.order_by("pk")]
    queries = unit(9, 2)

    found = PgvectorGallery(gallery).search(queries, 5)

    expected = NumpyGallery(vectors, codes, packshots).search(queries, 5)
    assert [[(c.sku, c.packshot) for c in row] for row in found] == [
        [(c.sku, c.packshot) for c in row] for row in expected
    ]
    assert np.allclose(
        [[c.similarity for c in row] for row in found],
        [[c.similarity for c in row] for row in expected],
        atol=1e-5,
    )


@pytest.mark.parametrize("sql", [BY_INDEX, EXACT], ids=["index", "exact"])
def test_a_crowd_of_other_organisations_never_shows_and_never_crowds_out(sql: str) -> None:
    """The others' vectors are all nearer to the query than ours."""
    query = unit(1, 3)
    near = query + 0.05 * unit(600, 4)
    make_gallery(make_organisation(), near, [f"X{i}" for i in range(len(near))])
    ours = make_gallery(make_organisation(), unit(12, 5), [f"P{i:02}" for i in range(12)])
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_sort = off")  # so few rows would otherwise be sorted, not scanned

    with CaptureQueriesContext(connection) as executed:
        found = PgvectorGallery(ours)._query(sql, np.repeat(query, 3, axis=0), 10)

    assert [len({c.sku for c in row}) for row in found] == [10, 10, 10]
    assert {c.sku[0] for row in found for c in row} == {"P"}
    (search,) = [q["sql"] for q in executed.captured_queries if "LATERAL" in q["sql"]]
    assert ("reference_embedding_hnsw" in explained(search)) == (sql is BY_INDEX)


def explained(sql: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute("EXPLAIN " + sql.replace("%", "%%"))
        return " ".join(line for (line,) in cursor.fetchall())


def test_many_views_of_one_sku_leave_room_for_the_others() -> None:
    query = unit(1, 6)
    views = np.concatenate([query + 0.01 * unit(30, 7), unit(3, 8)])
    gallery = make_gallery(make_organisation(), views, ["A"] * 30 + ["B", "C", "D"])

    (found,) = PgvectorGallery(gallery).search(query, 3)

    assert found[0].sku == "A"
    assert len({c.sku for c in found}) == 3


def test_a_gallery_smaller_than_k_gives_all_it_has_and_an_empty_one_nothing() -> None:
    small = make_gallery(make_organisation(), unit(2, 9), ["A", "B"])
    empty = Gallery.objects.create(organisation=make_organisation(), embedder="test-1", version="e")

    assert {c.sku for c in PgvectorGallery(small).search(unit(1, 1), 10)[0]} == {"A", "B"}
    assert PgvectorGallery(empty).search(unit(2, 1), 10) == [[], []]
    assert PgvectorGallery(small).search(np.zeros((0, 256), np.float32), 10) == []


def test_a_whole_photo_is_one_query(django_assert_num_queries: object) -> None:
    gallery = PgvectorGallery(make_gallery(make_organisation(), unit(40, 1), [f"P{i}" for i in range(40)]))
    gallery.search(unit(1, 3), 1)  # learns once what is usual in this gallery

    with django_assert_num_queries(4) as executed:  # type: ignore[operator]
        found = gallery.search(unit(150, 2), 10)

    assert len(found) == 150
    assert sum("LATERAL" in q["sql"] for q in executed.captured_queries) == 1
