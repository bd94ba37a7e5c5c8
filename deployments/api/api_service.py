"""Method 5, an external model: this service asks a provider that offers OpenAI's API.

    python stand_in/provider.py    # port 5001: a local stand-in for a provider
    python api_service.py          # port 5000, in a second terminal

The stand-in needs no key and no internet. To use a real provider instead, set OPENAI_BASE_URL,
OPENAI_API_KEY, and OPENAI_MODEL.
"""

from deployments.api.config import ProviderSettings
from deployments.api.hosted_model import HostedModel, ProviderState
from deployments.services.application import create_app
from deployments.services.server import serve
from deployments.services.settings import Settings

if __name__ == "__main__":
    settings = Settings.from_environment(method="api", port=5000)
    model = HostedModel(
        ProviderSettings.from_environment(), settings.upstream_timeout_s, settings.queue_limit
    )
    app = create_app(model, settings)

    @app.get("/provider")
    async def provider() -> ProviderState:
        """Return the provider, the route to it, and what it has cost since the start."""
        return model.state()

    serve(app, settings)
