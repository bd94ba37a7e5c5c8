"""Servers as their users report them: which requests each one refuses, and in which words.

Each function returns what the server sends for a request. The sources are public reports.
"""

import math
from collections.abc import Callable

from tests.api import scripted
from tests.api.scripted import Action, ReceivedRequest

CHAT = "/v1/chat/completions"
LIKELY = {"POS": math.log(0.6), "NEG": math.log(0.2), "The": math.log(0.2)}
POSITIVE = scripted.chat("POSITIVE", LIKELY)
MODELS = scripted.reply(200, {"object": "list", "data": [{"id": "m", "object": "model"}]})

NO_SCOPE = scripted.error(
    403, "You have insufficient permissions for this operation. Missing scopes: api.model.read."
)
WITHOUT_TEXT = scripted.error(400, "Missing required parameter: 'messages'.")


def server(models: Action, without_text: Action) -> Callable[[ReceivedRequest], Action]:
    """A server that lists models in this way, and answers in this way if it gets no text."""

    def respond(seen: ReceivedRequest) -> Action:
        if seen.path == "/v1/models":
            return models
        if seen.path != CHAT:
            return scripted.error(404, "Not Found")
        return POSITIVE if "messages" in seen.body else without_text

    return respond


def lm_studio(seen: ReceivedRequest) -> Action:
    """lmstudio-ai/lmstudio-bug-tracker#1323, #618: status 200 for addresses that do not exist."""
    if seen.path == CHAT:
        return POSITIVE
    method = "GET" if seen.body is None else "POST"
    return scripted.reply(200, {"error": f"Unexpected endpoint or method. ({method} {seen.path})"})


def forbids_others(seen: ReceivedRequest) -> Action:
    """AWS API Gateway: 403 for addresses that do not exist."""
    if seen.path == CHAT:
        return POSITIVE
    return scripted.reply(403, {"message": "Missing Authentication Token"})


def page_for_others(seen: ReceivedRequest) -> Action:
    """A web application behind a proxy sends its page for every address that it does not know."""
    if seen.path == CHAT:
        return POSITIVE
    return scripted.reply(200, b"<!doctype html><title>App</title>", Content_Type="text/html")


def json_for_others(seen: ReceivedRequest) -> Action:
    return POSITIVE if seen.path == CHAT else scripted.reply(200, {"Hello": "World"})


def fails_for_others(seen: ReceivedRequest) -> Action:
    return POSITIVE if seen.path == CHAT else scripted.reply(500, b"Internal Server Error")


def mistral(seen: ReceivedRequest) -> Action:
    """editor-code-assistant/eca#231, partITech/php-mistral#76."""
    if seen.path != CHAT:
        return scripted.reply(404, {"message": "no Route matched with those values"})
    unknown = [
        name for name in ("max_completion_tokens", "logprobs", "top_logprobs") if name in seen.body
    ]
    if not unknown:
        return scripted.chat("POSITIVE")
    details = [
        {
            "type": "extra_forbidden",
            "loc": ["body", name],
            "msg": "Extra inputs are not permitted",
            "input": seen.body[name],
        }
        for name in unknown
    ]
    body = {"object": "error", "message": {"detail": details}, "type": "invalid_request_error"}
    return scripted.reply(422, body | {"param": None, "code": None})


def old_azure(seen: ReceivedRequest) -> Action:
    """openai/openai-python#1724, confident-ai/deepeval#843: another name, and at most 5."""
    if seen.path != CHAT:
        return scripted.reply(404, {"error": {"code": "404", "message": "Resource not found"}})
    if "max_completion_tokens" in seen.body:
        return _invalid("Unrecognized request argument supplied: max_completion_tokens")
    if seen.body["top_logprobs"] > 5:
        return _invalid("Invalid value for 'top_logprobs': must be less than or equal to 5.")
    return POSITIVE


def azure_deployment(seen: ReceivedRequest) -> Action:
    """Azure's own form: the deployment in the path, the version in the query, another header."""
    path, _, query = seen.path.partition("?")
    if query != "api-version=2024-10-21" or "api-key" not in seen.headers:
        return scripted.reply(401, {"error": {"code": "401", "message": "Access denied"}})
    if path != "/openai/deployments/m/chat/completions":
        return scripted.reply(404, {"error": {"code": "404", "message": "Resource not found"}})
    if "messages" not in seen.body:
        return _invalid("Missing required parameter: 'messages'.")
    return POSITIVE


def azure_v1(seen: ReceivedRequest) -> Action:
    """Azure's newer form: as OpenAI's, with a version in the query for previews."""
    if seen.path != "/openai/v1/chat/completions?api-version=preview":
        return scripted.reply(404, {"error": {"code": "404", "message": "Resource not found"}})
    if "messages" not in seen.body:
        return _invalid("Missing required parameter: 'messages'.")
    return POSITIVE


def strict_vllm(seen: ReceivedRequest) -> Action:
    """vllm-project/vllm#5299, started with --max-logprobs 10."""
    if seen.path != CHAT:
        return scripted.reply(404, {"detail": "Not Found"})
    asked = seen.body["top_logprobs"]
    if asked > 10:
        message = f"Requested sample logprobs of {asked}, which is greater than max allowed: 10"
        return scripted.reply(
            400, {"object": "error", "message": message, "type": "BadRequestError", "code": 400}
        )
    return POSITIVE


def knows_no_limit(seen: ReceivedRequest) -> Action:
    """A server that takes neither name for the limit."""
    if seen.path != CHAT:
        return scripted.error(404)
    for name in ("max_completion_tokens", "max_tokens"):
        if name in seen.body:
            return _invalid(f'Unknown name "{name}": Cannot find field.')
    return POSITIVE


def thinking_openai(seen: ReceivedRequest) -> Action:
    """johny-b/llmcomp#69; no logprobs: 403, 'You are not allowed to request logprobs'."""
    if seen.path != CHAT:
        return scripted.error(404)
    if "logprobs" in seen.body:
        return scripted.error(403, "You are not allowed to request logprobs from this model")
    return scripted.chat("POSITIVE")


def fixed_temperature(seen: ReceivedRequest) -> Action:
    if seen.path != CHAT:
        return scripted.error(404)
    if "temperature" in seen.body:
        message = (
            "Unsupported value: 'temperature' does not support 0 with this model. "
            "Only the default (1) value is supported."
        )
        return _invalid(message, "unsupported_value")
    return POSITIVE


def without_system_role(seen: ReceivedRequest) -> Action:
    """The template of Gemma, in vLLM and llama.cpp."""
    if seen.path != CHAT:
        return scripted.error(404)
    if seen.body["messages"][0]["role"] == "system":
        return _invalid("System role not supported")
    return POSITIVE


def litellm(seen: ReceivedRequest) -> Action:
    """LiteLLM's proxy 1.108.7: passes /v1/decisions on to where nothing answers for long."""
    if seen.path != CHAT:
        return scripted.hang
    return POSITIVE


def gateway(seen: ReceivedRequest) -> Action:
    """OpenRouter: status 200, and the error of a provider inside."""
    if seen.path != CHAT:
        return scripted.error(404)
    return scripted.reply(
        200, {"error": {"message": "Provider returned error", "code": 429}, "user_id": "x"}
    )


def _invalid(message: str, code: str | None = None) -> Action:
    return scripted.error(400, message, code)
