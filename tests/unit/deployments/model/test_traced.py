"""A trace returns what its network returns, for batches of all sizes; otherwise, it is not used."""

from types import SimpleNamespace

import pytest
import torch

from deployments.model import load_classifier
from deployments.model.traced import trace_network


class Averaging(torch.nn.Module):
    """Treats long batches differently, so a trace of it knows only one of two paths."""

    def __init__(self, longest: int) -> None:
        super().__init__()
        self.longest = longest

    def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> SimpleNamespace:
        summed = (input_ids * attention_mask).sum(dim=1, keepdim=True).float()
        return SimpleNamespace(logits=summed if input_ids.shape[1] > self.longest else summed / 2)


@pytest.mark.parametrize(("longest", "is_traced"), [(1000, True), (7, False)])
def test_only_where_it_agrees_with_its_network(longest: int, is_traced: bool) -> None:
    network = Averaging(longest)
    logits = trace_network(network, token=5)
    assert isinstance(logits, torch.jit.ScriptModule) == is_traced
    for texts, tokens in ((1, 3), (4, 30)):
        ids = torch.randint(1, 100, (texts, tokens))
        assert torch.equal(
            logits(ids, torch.ones_like(ids)), network(ids, torch.ones_like(ids)).logits
        )


def test_a_network_that_cannot_be_traced_runs_itself() -> None:
    class Untraceable(torch.nn.Module):
        def forward(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> SimpleNamespace:
            if torch.jit.is_tracing():
                raise RuntimeError("not today")
            return SimpleNamespace(logits=input_ids.float())

    assert trace_network(Untraceable(), token=5)(
        torch.ones(2, 3, dtype=torch.int64), torch.ones(2, 3)
    ).shape == (2, 3)


def test_the_shipped_model_is_traced() -> None:
    assert isinstance(load_classifier()._logits, torch.jit.ScriptModule)
