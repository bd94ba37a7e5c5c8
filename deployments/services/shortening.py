"""Shorten what somebody else wrote, so that it fits into an error message."""

LONGEST_WORD = 40  # characters; what is longer, such as a line of JSON, is cut anywhere


def shortened(text: str, limit: int) -> str:
    """Return the text, or its first whole words, at most `limit` characters, and an ellipsis."""
    if len(text) <= limit:
        return text
    words = text[: limit + 1].rpartition(" ")[0]
    return (words if len(words) > limit - LONGEST_WORD else text[:limit]).rstrip(" ,;:") + " …"
