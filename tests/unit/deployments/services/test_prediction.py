"""What every service returns for a text, as clients and the gateway check it."""

import pytest
from pydantic import TypeAdapter, ValidationError

from deployments.services.prediction import Prediction

PREDICTION = TypeAdapter(Prediction)


@pytest.mark.parametrize("score", ["0.97", "-3.5", "4.8", "null"])
def test_probabilities_regressions_and_unknown_scores_are_valid(score: str) -> None:
    found = PREDICTION.validate_json(f'{{"label": "stars", "score": {score}}}')
    assert found.score == (None if score == "null" else float(score))


@pytest.mark.parametrize("score", ["NaN", "Infinity", "-Infinity", '"high"'])
def test_a_score_is_a_finite_number(score: str) -> None:
    with pytest.raises(ValidationError):
        PREDICTION.validate_json(f'{{"label": "stars", "score": {score}}}')
