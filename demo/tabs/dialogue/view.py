"""What Dialogue shows: the messages, each reply with the trace of its turn."""

from html import escape

import gradio as gr

from demo.tabs.dialogue.conversation import Conversation, Exchange
from demo.templating import render
from demo.texts import Texts
from deployments.dialogue.bot import MIN_SCORE, generate
from hostlab.errors import NotRunning, RequestFailed


def messages(conversation: Conversation | None, texts: Texts) -> list[gr.ChatMessage]:
    """Return the conversation so far, which begins with the bot's greeting."""
    shown = [gr.ChatMessage(generate(None, texts.language))]
    if conversation:
        for exchange in conversation.history:
            shown += _messages(exchange, conversation.bot.deadline_s, texts)
    return shown


def failure(exchange: Exchange, texts: Texts) -> str:
    """Return in a sentence why a turn has no prediction; empty where it has one, or needs none."""
    error, method = exchange.turn.meaning.error, texts.title(exchange.method)
    if error is None:
        return ""
    if exchange.state in ("starting", "unavailable"):
        return texts(f"dialogue.failed_{exchange.state}", method=method)
    if isinstance(error, NotRunning):
        return texts("dialogue.failed_not_running", method=method)
    if isinstance(error, RequestFailed) and error.status is not None:
        return texts("dialogue.failed_status", status=error.status)
    return texts("dialogue.failed_no_response")


def _messages(exchange: Exchange, deadline_s: float, texts: Texts) -> list[gr.ChatMessage]:
    turn, meaning = exchange.turn, exchange.turn.meaning
    # Gradio shows a message's text as HTML, even without Markdown.
    text, reply = (escape(one, quote=False) for one in (turn.text, generate(turn, texts.language)))
    trace = render(
        "tabs/dialogue/trace.html.j2",
        texts=texts,
        method=exchange.method,
        turn=turn,
        failure=failure(exchange, texts),
        # What the page itself raises says no more than its sentence.
        detail="" if isinstance(meaning.error, NotRunning) else str(meaning.error or ""),
        deadline=texts.number(f"{deadline_s:g}"),
        unsure=texts("dialogue.unsure", limit=texts.number(f"{MIN_SCORE:g}"))
        if meaning.prediction and (meaning.prediction.score or 1) < MIN_SCORE
        else "",
    )
    return [
        gr.ChatMessage(text, role="user"),
        gr.ChatMessage([reply, gr.HTML(trace, apply_default_css=False)]),
    ]
