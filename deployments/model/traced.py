"""A forward pass without Python, so that the HTTP server can work while the model computes.

A model of transformers is Python code that calls PyTorch about a hundred times in one forward pass,
and each call needs Python's global lock. While the event loop holds the lock, the model stops. A
trace is a recording of those calls, and PyTorch runs it without the lock. With 32 clients on two
CPU cores, this brought 1.3 times the throughput.

A trace contains only the path that the network took while it was recorded. So it is compared with
the network on batches of other sizes; if the results differ, the network itself is used. PyTorch
calls `torch.jit` deprecated and recommends two alternatives: `torch.compile` needs a C++ compiler
on each student's laptop, and `torch.export` returns Python code again.
"""

import logging
import warnings
from collections.abc import Callable
from typing import Any, cast

import torch

log = logging.getLogger("hostlab")

# From token IDs and attention mask (texts x tokens) to logits (texts x labels)
Logits = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]

CHECKED_SIZES = ((1, 2), (3, 9), (2, 40))  # texts and tokens of the batches to compare
TOLERANCE = 1e-5


class _LogitsOnly(torch.nn.Module):
    """The logits of a network, from positional tensors, because a trace supports nothing else."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.network(input_ids=ids, attention_mask=mask).logits
        return logits


@torch.inference_mode()
def trace_network(network: torch.nn.Module, token: int) -> Logits:
    """Return a function from token IDs and attention mask to logits.

    It is a trace of `network`, or the network itself if no trace gives the same results. `token` is
    the ID of any token that the network knows.
    """
    plain = _LogitsOnly(network)
    jit: Any = torch.jit  # its functions have no types
    try:
        with warnings.catch_warnings():
            # They concern the deprecation, and sizes that became constants, which is checked below
            warnings.simplefilter("ignore")
            trace = jit.trace(plain, _batch(2, 5, token), check_trace=False)
        for texts, tokens in CHECKED_SIZES:
            ids, mask = _batch(texts, tokens, token)
            expected = plain(ids, mask)
            if not torch.allclose(trace(ids, mask), expected, atol=TOLERANCE, rtol=TOLERANCE):
                raise ValueError(f"it differs for {texts} texts of {tokens} tokens")
    except Exception as error:  # networks and torch.jit raise many types of them
        reason = str(error).strip().split("\n")[0]
        log.info("the model runs without a trace, which is a little slower: %s", reason)
        return plain
    return cast(Logits, trace)


def _batch(texts: int, tokens: int, token: int) -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.full((texts, tokens), token)
    mask = torch.ones_like(ids)
    if texts > 1:
        mask[0, tokens // 2 :] = 0
    return ids, mask
