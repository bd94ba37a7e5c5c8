"""Errors of the model."""


class ModelUnusable(Exception):
    """MODEL_ID or MODEL_THREADS is not usable. The message says why, and what to do next."""
