"""The training loop: its schedule, its checkpoints, going on."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="training tests need the extra 'train'")

from torch import nn

from recognition.training.recipes.loop import Loop, Schedule
from recognition.training.runs import CURVES, start_run


def make_loop(steps: int, checkpoint: Path | None = None, **given: object) -> Loop[torch.Tensor]:
    torch.manual_seed(0)
    model = nn.Linear(3, 1)
    optimiser = torch.optim.SGD(model.parameters(), lr=0.1, momentum=0.9)
    return Loop(model, optimiser, Schedule(steps, warm_up=2, **given), checkpoint)


def batch(step: int) -> torch.Tensor:
    return torch.randn(8, 3, generator=torch.Generator().manual_seed(step))


def loss_of(loop: Loop[torch.Tensor]):
    return lambda rows: (loop.model(rows)[:, 0] - rows.sum(dim=1)).square().mean()


def test_rates_rise_then_fall_to_a_hundredth() -> None:
    schedule = Schedule(steps=100, warm_up=10)
    factors = [schedule.factor(step) for step in range(101)]
    assert factors[0] < factors[9]
    assert max(factors) == pytest.approx(1, abs=0.03)
    assert factors[100] == pytest.approx(0.01)


def test_training_lowers_the_loss_and_logs_it(tmp_path: Path) -> None:
    loop = make_loop(60, log_every=20)
    loop.record = start_run("test", {}, 0, None, tmp_path)
    before = float(loss_of(loop)(batch(1000)))
    loop(batch, loss_of(loop))
    assert float(loss_of(loop)(batch(1000))) < 0.05 * before
    assert [json.loads(line)["step"] for line in (tmp_path / CURVES).read_text().splitlines()] == [20, 40, 60]


def test_a_stopped_run_goes_on_as_if_it_had_not_stopped(tmp_path: Path) -> None:
    whole = make_loop(10)
    whole(batch, loss_of(whole))

    class Stop(Exception):
        pass

    def failing(step: int) -> torch.Tensor:
        if step == 7:
            raise Stop
        return batch(step)

    first = make_loop(10, tmp_path / "checkpoint.pt", save_every=2)
    with pytest.raises(Stop):
        first(failing, loss_of(first))
    second = make_loop(10, tmp_path / "checkpoint.pt")
    assert second.step == 6
    second(batch, loss_of(second))
    torch.testing.assert_close(second.model.weight, whole.model.weight)


def test_another_recipes_checkpoint_is_refused(tmp_path: Path) -> None:
    loop = make_loop(1, tmp_path / "checkpoint.pt")
    loop(batch, loss_of(loop))
    other = nn.Linear(5, 1)
    with pytest.raises(ValueError, match="of another recipe"):
        Loop(other, torch.optim.SGD(other.parameters(), lr=0.1), Schedule(1), tmp_path / "checkpoint.pt")
