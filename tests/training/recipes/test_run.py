"""A run's folder: schedule, averaging, metrics, and checkpoints from which everything goes on exactly."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

from tests.training.recipes.conftest import metrics
from training.recipes.run import Average, Budget, Run, cosine, mean_of, parameter_groups


def test_a_budget_is_spent_by_steps_or_by_minutes() -> None:
    assert Budget(steps=10).progress(5, 1e9) == 0.5
    assert Budget(minutes=2).progress(10**9, 60.0) == 0.5
    assert Budget(steps=10, minutes=2).progress(1, 90.0) == 0.75
    assert Budget(steps=10).progress(99, 0.0) == 1.0
    with pytest.raises(ValueError, match="steps or minutes"):
        Budget().progress(0, 0.0)


def test_the_learning_rate_warms_up_and_falls() -> None:
    assert cosine(0.0, 0, 1.0, 10) == pytest.approx(0.1)
    assert cosine(0.0, 9, 1.0, 10) == pytest.approx(1.0)
    assert cosine(0.5, 99, 1.0, 10, floor=0.0) == pytest.approx(0.5)
    assert cosine(1.0, 99, 2.0, 10, floor=0.03) == pytest.approx(0.06)


def test_only_matrices_decay() -> None:
    matrices, others = parameter_groups(nn.Linear(3, 4), 0.1)
    assert matrices["weight_decay"] == 0.1
    assert [p.shape for p in matrices["params"]] == [(4, 3)]
    assert others["weight_decay"] == 0.0
    assert [p.shape for p in others["params"]] == [(4,)]


def test_means_are_taken_over_the_steps_that_have_a_figure() -> None:
    assert mean_of([{"a": 1.0, "b": 5.0}, {"a": 3.0}]) == {"a": 2.0, "b": 5.0}


class Trained:
    """A small model in training."""

    def __init__(self) -> None:
        torch.manual_seed(0)
        self.model = nn.Linear(3, 2)
        self.optimizer = torch.optim.AdamW(parameter_groups(self.model, 0.1), lr=0.1)
        self.average = Average(self.model, 0.9)
        self.rng = torch.Generator().manual_seed(1)

    def step(self, number: int) -> float:
        x = torch.randn(5, 3, generator=self.rng)
        loss = self.model(x).square().mean()
        self.optimizer.zero_grad()
        torch.autograd.backward(loss)
        self.optimizer.step()
        self.average.update(self.model, number)
        return float(loss.detach())

    def save(self, run: Run, step: int) -> None:
        run.save(step, self.model, self.average, self.optimizer, self.rng)

    def resume(self, run: Run) -> int:
        return run.resume(self.model, self.average, self.optimizer, self.rng)


def test_from_a_checkpoint_everything_goes_on_exactly(tmp_path: Path) -> None:
    run, trained = Run(tmp_path), Trained()
    for number in range(4):
        trained.step(number)
    run.trained_s = 12.5
    trained.save(run, 4)
    wanted = [trained.step(number) for number in range(4, 8)]

    again, other = Run(tmp_path), Trained()
    assert other.resume(again) == 4
    assert again.trained_s == 12.5
    assert [other.step(number) for number in range(4, 8)] == wanted
    for name, tensor in trained.average.weights.items():
        assert torch.equal(other.average.weights[name], tensor)


def test_without_a_checkpoint_a_run_begins_at_zero(tmp_path: Path) -> None:
    assert Trained().resume(Run(tmp_path / "new")) == 0


def test_a_torn_checkpoint_is_not_the_checkpoint(tmp_path: Path) -> None:
    run, trained = Run(tmp_path), Trained()
    trained.step(0)
    trained.save(run, 1)
    run.checkpoint_path.with_suffix(".partial").write_bytes(b"half of a che")
    assert Trained().resume(Run(tmp_path)) == 1
    trained.save(run, 2)
    assert [path.name for path in tmp_path.iterdir()] == ["checkpoint.safetensors"]


def test_checkpoints_fall_due_by_time(tmp_path: Path) -> None:
    assert Run(tmp_path, checkpoint_every_s=0.0).checkpoint_due()
    assert not Run(tmp_path, checkpoint_every_s=1e9).checkpoint_due()


def test_the_average_follows_the_weights() -> None:
    model = nn.Linear(2, 1, bias=False)
    average = Average(model, 0.999)
    nn.init.constant_(model.weight, 5.0)
    for step in range(60):
        average.update(model, step)
    assert torch.allclose(average.weights["weight"], torch.tensor(5.0), atol=0.1)


def test_metrics_are_lines_in_a_file_and_on_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    run = Run(tmp_path / "deep" / "run")
    run.log(step=1, mel=0.123456789)
    Run(tmp_path / "deep" / "run").log(step=2)
    assert metrics(run.folder) == [{"step": 1, "mel": 0.12346}, {"step": 2}]
    assert capsys.readouterr().out == '{"step": 1, "mel": 0.12346}\n{"step": 2}\n'
