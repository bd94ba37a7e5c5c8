"""What a request costs: the tokens that the provider counted, times the price that the user wrote into a table (prices.toml)."""

import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path

SHIPPED = Path(__file__).with_name("prices.toml")
PLAY_MONEY = "play money"


@dataclass(frozen=True)
class Usage:
    """The tokens of one request or of several, as the provider counted them."""

    input_tokens: int = 0
    output_tokens: int = 0

    def __add__(self, other: "Usage") -> "Usage":
        return Usage(
            self.input_tokens + other.input_tokens, self.output_tokens + other.output_tokens
        )


@dataclass(frozen=True)
class Price:
    """What a million tokens cost, in `currency`."""

    input: float
    output: float
    currency: str = "USD"

    @property
    def is_money(self) -> bool:
        return self.currency != PLAY_MONEY and self.input + self.output > 0

    def of(self, usage: Usage) -> float:
        return (usage.input_tokens * self.input + usage.output_tokens * self.output) / 1_000_000


Prices = dict[str, Price]


def read_prices(path: Path) -> Prices:
    """Read a table. Raises ValueError with what is wrong with it."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
        prices = {name: Price(**entry) for name, entry in table.items()}
        if any(not price.input >= 0 or not price.output >= 0 for price in prices.values()):
            raise ValueError("a price has to be zero or more")
        if any(
            not price.currency.isascii() or not price.currency.isprintable()
            for price in prices.values()
        ):
            raise ValueError(
                "a currency has to be written in plain letters, such as EUR, because it stands in HTTP headers"
            )
    except (OSError, ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"The price table {path} cannot be used: {error}. It should look like {SHIPPED.name} in deployments/api."
        ) from error
    return prices


def price_of(model: str, prices: Prices) -> Price | None:
    """Return the first price whose name or pattern fits the model, or None."""
    return next((price for name, price in prices.items() if fnmatchcase(model, name)), None)
