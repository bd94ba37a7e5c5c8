"""What Dialogue shows: the messages, each reply with the trace of its turn."""

from html import escape

import gradio as gr

from demo.formatting import milliseconds
from demo.tabs.dialogue.conversation import Conversation
from demo.templating import render
from demo.texts import Texts
from deployments.dialogue.bot import DialogueTurn, generate


def messages(conversation: Conversation | None, texts: Texts) -> list[gr.ChatMessage]:
    """Return the conversation so far, which begins with the bot's greeting."""
    shown = [gr.ChatMessage(generate(None, texts.language))]
    if conversation:
        for method, turn in conversation.history:
            shown += _exchange(method, turn, conversation.bot.deadline_s, texts)
    return shown


def _exchange(
    method: str, turn: DialogueTurn, deadline_s: float, texts: Texts
) -> list[gr.ChatMessage]:
    # Gradio shows a message's text as HTML, even without Markdown.
    text, reply = (escape(one, quote=False) for one in (turn.text, generate(turn, texts.language)))
    trace = render(
        "tabs/dialogue/trace.html.j2",
        texts=texts,
        method=method,
        turn=turn,
        deadline_ms=milliseconds(deadline_s * 1000),
    )
    return [
        gr.ChatMessage(text, role="user"),
        gr.ChatMessage([reply, gr.HTML(trace, apply_default_css=False)]),
    ]
