"""Method 5, a system through an API: the model is somebody else's. This service asks a provider that speaks OpenAI's interface.

    python provider.py             # port 5001: the local provider, a stand-in that needs neither key nor internet
    python api_service.py          # port 5000, in a second terminal

A real one in its place: OPENAI_BASE_URL=https://api.openai.com/v1 OPENAI_API_KEY=… OPENAI_MODEL=… python api_service.py
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
        """Say who answers, by which route, and what it has cost since the start."""
        return model.state()

    serve(app, settings)
