"""What can be wrong with a model."""


class ModelUnusable(Exception):
    """MODEL_ID or MODEL_THREADS cannot be used. The message says what is wrong and what to do."""
