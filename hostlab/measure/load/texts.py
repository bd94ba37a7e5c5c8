"""The texts that a load sends, in turn."""

TEXTS = (
    "An utterly charming film.",
    "I hated every minute.",
    "not bad",
    "The plot makes no sense, but the music is wonderful.",
    "Two hours of my life that I will never get back.",
)
