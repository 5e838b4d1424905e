"""The quick form of Local-Concepts-Accumulation is the one the paper describes."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.training.layers.local_concepts import LocalConcepts, accumulate, intervals


@pytest.mark.parametrize(("height", "width"), [(1, 2), (4, 1), (2, 2), (3, 5), (7, 7)])
def test_quick_and_plain_form_agree(height: int, width: int) -> None:
    torch.manual_seed(height * 10 + width)
    layer = LocalConcepts(channels=6, concepts=9)
    maps = torch.randn(2, 6, height, width)
    torch.testing.assert_close(layer(maps), accumulate(maps, layer.linear), rtol=1e-4, atol=1e-6)


def test_gradients_agree() -> None:
    torch.manual_seed(0)
    layer = LocalConcepts(3, 4)
    maps = torch.randn(2, 3, 4, 5)
    layer(maps).square().sum().backward()
    quick = layer.linear.weight.grad.clone()
    layer.zero_grad()
    accumulate(maps, layer.linear).square().sum().backward()
    torch.testing.assert_close(quick, layer.linear.weight.grad, rtol=1e-4, atol=1e-6)


def test_a_square_of_four_cells_by_hand() -> None:
    layer = LocalConcepts(1, 1)
    torch.nn.init.constant_(layer.linear.weight, 1.0)
    torch.nn.init.constant_(layer.linear.bias, -2.0)
    maps = torch.tensor([[[[0.0, 2.0], [4.0, 6.0]]]])
    # Rows 1 and 5, columns 2 and 4, the whole 3; less 2 and cut at 0: 0, 3, 0, 2, 1.
    assert layer(maps).item() == pytest.approx(6 / 5)


def test_intervals_average_each_run_once() -> None:
    assert intervals(3).tolist() == [
        [1, 0, 0],
        [0, 1, 0],
        [0, 0, 1],
        [0.5, 0.5, 0],
        [0, 0.5, 0.5],
        pytest.approx([1 / 3] * 3),
    ]


def test_one_cell_has_no_larger_part() -> None:
    layer = LocalConcepts(2, 2)
    with pytest.raises(ValueError, match="larger pictures"):
        layer(torch.zeros(1, 2, 1, 1))
    with pytest.raises(ValueError, match="larger pictures"):
        accumulate(torch.zeros(1, 2, 1, 1), layer.linear)
