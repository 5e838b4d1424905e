"""The two tasks make their inputs and answers from crops, and can be learnt."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from recognition.training.pretrain.tasks import GREY, ORDERS, Completion, Jigsaw


def test_one_half_is_hidden() -> None:
    crops = torch.full((4, 64, 32, 3), 9, dtype=torch.uint8)
    shown, hidden = Completion.hide(crops, torch.arange(4))
    assert hidden.float().mean(dim=(1, 2)).tolist() == [0.5] * 4
    assert hidden[0, :, :16].all()  # left
    assert hidden[1, :, 16:].all()
    assert hidden[2, :32].all()  # upper
    assert hidden[3, 32:].all()
    assert (shown[hidden] == GREY).all()
    assert (shown[~hidden] == 9).all()


def test_completion_counts_hidden_pixels_alone() -> None:
    task = Completion(channels=5)
    torch.nn.init.zeros_(task.paint.weight)
    torch.nn.init.zeros_(task.paint.bias)
    crops = torch.full((1, 64, 64, 3), GREY, dtype=torch.uint8)
    crops[:, :, 32:] = GREY + 32  # half of 64 grey levels, on the right
    _, hidden = Completion.hide(crops, torch.tensor([1]))
    assert float(task(torch.randn(1, 5, 2, 2), crops, hidden)) == pytest.approx(0.5)
    _, hidden = Completion.hide(crops, torch.tensor([0]))
    assert float(task(torch.randn(1, 5, 2, 2), crops, hidden)) == pytest.approx(0.0)


def test_quarters_go_where_the_order_says() -> None:
    crops = torch.zeros(2, 64, 64, 3, dtype=torch.uint8)
    for place, (top, left) in enumerate(((0, 0), (0, 32), (32, 0), (32, 32))):
        crops[:, top : top + 32, left : left + 32] = 10 * (place + 1)
    order = torch.tensor([0, 9])
    moved = Jigsaw.shuffle(crops, order)
    middles = moved[:, 16::32, 16::32, 0].flatten(1)
    assert middles.tolist() == (10 * (ORDERS[order] + 1)).tolist()
    assert (moved[:, 0] == GREY).all()  # the rim
    assert (moved[:, 31:33] == GREY).all()


def test_an_order_can_be_read_from_the_map() -> None:
    torch.manual_seed(0)
    task = Jigsaw(channels=4)
    order = torch.arange(24)
    # A map that says of each place which quarter stands there.
    maps = torch.nn.functional.one_hot(ORDERS, 4).float().permute(0, 2, 1).reshape(24, 4, 2, 2)
    optimiser = torch.optim.Adam(task.parameters(), lr=0.3)
    for _ in range(60):
        optimiser.zero_grad()
        loss = task(maps, order)
        loss.backward()
        optimiser.step()
    assert (task.logits(maps).argmax(dim=1) == order).all()
