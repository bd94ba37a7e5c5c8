"""One forward pass without Python: what lets the HTTP server work while the model does.

A model of `transformers` is Python code that calls PyTorch some hundred times in one forward pass, and each call asks for Python's
lock. While the event loop holds it, the model stands still. A trace is the list of those calls, written down once and run by
PyTorch itself, lock free. With 32 clients on two CPU cores this brought 1.3 times the texts a second.

A trace knows only the path that was taken while it was made. Whether it is right for batches of other sizes is tried out; a network
for which it is not is run as it is. PyTorch calls `torch.jit` deprecated and names two others: `torch.compile` wants a C++ compiler on
each student's laptop, `torch.export` gives Python again. With the version that is pinned it works.
"""

import logging
import warnings
from collections.abc import Callable

import torch

log = logging.getLogger("hostlab")

Logits = Callable[
    [torch.Tensor, torch.Tensor], torch.Tensor
]  # token ids and attention mask (texts x tokens) to texts x labels
TRIED = (
    (1, 2),
    (3, 9),
    (2, 40),
)  # texts and tokens of the batches on which a trace has to agree with its network
TOLERANCE = 1e-5


class _LogitsOnly(torch.nn.Module):
    """A network's logits, given positional tensors: a trace takes and gives nothing else."""

    def __init__(self, network: torch.nn.Module) -> None:
        super().__init__()
        self.network = network

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
        return self.network(input_ids=ids, attention_mask=mask).logits


@torch.inference_mode()
def traced(network: torch.nn.Module, token: int) -> Logits:
    """Return a function from token ids and attention mask to logits: a trace of `network`, or itself where no trace agrees with it.

    `token` is the id of any token that the network knows.
    """
    plain = _LogitsOnly(network)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter(
                "ignore"
            )  # of torch.jit's age, and of the sizes that it took for granted, which are tried below
            trace = torch.jit.trace(plain, _batch(2, 5, token), check_trace=False)
        for texts, tokens in TRIED:
            ids, mask = _batch(texts, tokens, token)
            if not torch.allclose(
                trace(ids, mask), plain(ids, mask), atol=TOLERANCE, rtol=TOLERANCE
            ):
                raise ValueError(f"it differs for {texts} texts of {tokens} tokens")
    except (
        Exception
    ) as error:  # a network may do whatever it likes, and torch.jit has many ways to say so
        log.info(
            "the model runs untraced, which is a little slower: %s",
            str(error).strip().split("\n")[0],
        )
        return plain
    return trace


def _batch(texts: int, tokens: int, token: int) -> tuple[torch.Tensor, torch.Tensor]:
    ids = torch.full((texts, tokens), token)
    mask = torch.ones_like(ids)
    if texts > 1:
        mask[0, tokens // 2 :] = 0
    return ids, mask
