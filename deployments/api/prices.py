"""What a request costs: the provider's count of tokens, times the price in prices.toml."""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

SHIPPED = Path(__file__).with_name("prices.toml")
PLAY_MONEY = "play money"
MOST_TOKENS = 10**9  # in one response; more cannot be meant


@dataclass(frozen=True)
class TokenUsage:
    """The tokens of one or more requests, as the provider counted them."""

    input_tokens: int = 0
    output_tokens: int = 0

    @classmethod
    def counted(cls, input_tokens: object, output_tokens: object) -> "TokenUsage | None":
        """Return the tokens as a provider's response counts them; None if it does not."""
        counts = [
            int(count)
            for count in (input_tokens, output_tokens)
            if isinstance(count, int | float) and 0 <= count <= MOST_TOKENS
        ]
        return cls(*counts) if len(counts) == 2 else None

    def __add__(self, other: "TokenUsage") -> "TokenUsage":
        return TokenUsage(
            self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens
        )


@dataclass(frozen=True)
class Price:
    """The price of a million tokens, in `currency`."""

    input: float
    output: float
    currency: str = "USD"

    @property
    def is_money(self) -> bool:
        """Whether somebody has to pay it."""
        return self.currency != PLAY_MONEY and self.input + self.output > 0

    def of(self, usage: TokenUsage) -> float:
        """Return what these tokens cost."""
        return (usage.input_tokens * self.input + usage.output_tokens * self.output) / 1_000_000


Prices = dict[str, Price]


def read_prices(path: Path) -> Prices:
    """Read a price table. Raises ValueError with a message if it is not usable."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        prices = {name: Price(**entry) for name, entry in table.items()}
        for price in prices.values():
            _check(price)
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"The price table {path} cannot be used: {error}. "
            f"Write it in the form of {SHIPPED.name} in deployments/api."
        ) from error
    return prices


def _check(price: Price) -> None:
    if not (price.input >= 0 and price.output >= 0):  # also false for NaN
        raise ValueError("a price must be zero or more")
    if not price.currency.isascii() or not price.currency.isprintable():
        raise ValueError(
            "a currency must be plain letters, such as EUR, because it appears in HTTP headers"
        )


def price_of(model: str, prices: Prices) -> Price | None:
    """Return the first price whose name or pattern matches the model, or None."""
    return next((price for name, price in prices.items() if fnmatchcase(model, name)), None)
