"""The Dialogue tab: a chat with the film club's bot, which needs the classifier."""

from collections.abc import Sequence
from typing import ClassVar

import gradio as gr

from demo.board import AUTOSTARTED, Board, Card
from demo.events import PRIVATE, Updates
from demo.session import Reader
from demo.tabs.compare.asking import is_foreign
from demo.tabs.dialogue import view
from demo.tabs.dialogue.conversation import Conversation
from demo.tabs.method_states import StateLine, state_line, states
from demo.templating import hint, problem, stage
from demo.texts import Texts
from hostlab import METHODS
from hostlab.errors import HostingLabError

TICK_S = 1.0
MAX_CHARACTERS = 1000
# A conversation in one click each. In English, because the model reads English.
EXAMPLES = ("I saw Alien", "It was wonderful, from start to finish.", "What a waste of time.")

# The language and the turns of the conversation, and the state of the chosen method
Shown = tuple[tuple[str, tuple[int, int] | None], StateLine]


class DialogueTab:
    """The components of the Dialogue tab and what they do."""

    name: ClassVar[str] = "dialogue"

    def __init__(self, board: Board, initial: Texts, reader: gr.State) -> None:
        self.board, self.reader = board, reader
        self.shown = gr.State()  # what this page shows already
        self.lead = gr.HTML(stage(initial("dialogue.lead")), apply_default_css=False)
        with gr.Row():
            with gr.Column(scale=5, min_width=320):
                self._place_chat(initial)
            with gr.Column(scale=2, min_width=300):
                self._place_method(initial)
        self.timers = [gr.Timer(TICK_S, active=False)]

    def _place_chat(self, initial: Texts) -> None:
        self.chat = gr.Chatbot(
            label=initial("dialogue.chat"),
            show_label=False,
            elem_id="dialogue-chat",
            # The box for the next message is on the screen too.
            height="clamp(220px, 100vh - 410px, 700px)",
            layout="bubble",
            render_markdown=False,
            allow_tags=False,
            feedback_options=None,
            buttons=[],
        )
        with gr.Row(equal_height=True):
            self.text = gr.Textbox(
                label=initial("dialogue.text"),
                placeholder=initial("dialogue.placeholder"),
                max_lines=3,
                max_length=MAX_CHARACTERS,
                scale=6,
                min_width=200,
                elem_id="dialogue-text",
            )
            self.send = _button("send", initial, "primary")
        self.examples = gr.Dataset(
            components=[self.text],
            samples=[[example] for example in EXAMPLES],
            label=initial("compare.examples"),
            layout="gallery",
            elem_id="dialogue-examples",
        )
        self.notice = gr.HTML(apply_default_css=False, elem_id="dialogue-notice")

    def _place_method(self, initial: Texts) -> None:
        self.method = gr.Radio(
            _choices(initial, ()),
            value=AUTOSTARTED,
            label=initial("dialogue.method"),
            elem_id="dialogue-method",
            elem_classes="hl-methods",
        )
        self.state = gr.HTML(apply_default_css=False, elem_id="dialogue-state")
        with gr.Row(elem_classes="hl-buttons"):
            self.kill = _button("kill", initial)
            self.start = _button("start", initial)
        self.again = _button("again", initial)

    @property
    def components(self) -> list[gr.blocks.Block]:
        """All components that `show` changes."""
        fixed = [self.lead, self.text, self.send, self.examples, self.method, self.again]
        return [*fixed, self.notice, *self._live]

    @property
    def _live(self) -> list[gr.blocks.Block]:
        """What changes with the conversation and with the state of the methods."""
        return [self.chat, self.state, self.kill, self.start, self.shown]

    def connect(self) -> None:
        """Connect the events."""
        options = {
            "fn": self._say,
            "inputs": [self.text, self.method, self.reader],
            "outputs": [self.text, self.notice, *self._live],
        } | PRIVATE
        gr.on([self.send.click, self.text.submit], **options)
        self.examples.click(lambda sample: sample[0], self.examples, self.text, **PRIVATE).then(
            **options
        )
        asked = [self.reader, self.method]
        changed = {"outputs": [self.notice, *self._live]} | PRIVATE
        self.method.input(self._current, asked, self._live, **PRIVATE)
        self.kill.click(self._kill, asked, **changed)
        self.start.click(self._start, asked, **changed)
        gr.on([self.again.click, self.chat.clear], self._begin_again, asked, **changed)
        self.timers[0].tick(
            self._tick, [self.reader, self.method, self.shown], self._live, **PRIVATE
        )

    def show(self, reader: Reader) -> Updates:
        """Return all components in the reader's language.

        The tick adds the state of the method that the page has chosen.
        """
        texts = reader.texts
        return {
            self.lead: stage(texts("dialogue.lead")),
            self.text: gr.update(
                label=texts("dialogue.text"), placeholder=texts("dialogue.placeholder")
            ),
            self.send: gr.update(value=texts("dialogue.send")),
            self.examples: gr.update(label=texts("compare.examples")),
            self.method: gr.update(
                choices=_choices(texts, self._unavailable()), label=texts("dialogue.method")
            ),
            self.again: gr.update(value=texts("dialogue.again")),
            self.kill: gr.update(value=texts("dialogue.kill")),
            self.start: gr.update(value=texts("dialogue.start")),
            self.chat: gr.update(
                value=view.messages(reader.session.last(Conversation), texts),
                label=texts("dialogue.chat"),
            ),
            self.notice: "",
            self.shown: None,
        }

    def _current(self, reader: Reader, method: str) -> Updates:
        """Return what changes with the conversation and with the state of the methods."""
        card = self._card(method)
        return {
            self.chat: view.messages(reader.session.last(Conversation), reader.texts),
            self.state: states([state_line(card, reader.texts)], reader.texts),
            self.kill: gr.update(interactive=card.state == "running" and not card.job),
            self.start: gr.update(interactive=card.startable),
            self.shown: self._showing(reader, method),
        }

    def _showing(self, reader: Reader, method: str) -> Shown:
        """Return what the page depends on, to compare it with what it shows already."""
        conversation = reader.session.last(Conversation)
        history = (id(conversation), len(conversation.history)) if conversation else None
        return (reader.language, history), state_line(self._card(method), reader.texts)

    def _tick(self, reader: Reader, method: str, shown: Shown | None) -> object:
        showing = self._showing(reader, method)
        if shown == showing:
            return gr.skip()
        updates = self._current(reader, method)
        if shown and shown[0] == showing[0]:  # somebody may be reading in the middle of the chat
            del updates[self.chat]
        return updates

    def _say(self, text: str, method: str, reader: Reader) -> Updates:
        if not text.strip():
            return {self.notice: problem(reader.texts("dialogue.empty"))}
        conversation = reader.session.last(Conversation)
        if conversation is None:
            conversation = Conversation()
            reader.session.add(conversation)
        running = {endpoint.method: endpoint for endpoint in self.board.endpoints()}
        state = self._card(method).state
        turn = conversation.say(text.strip(), method, state, running.get(method))
        # A title may be in any language: the classifier does not read it.
        guessed = turn.meaning.prediction is not None and is_foreign([text])
        notice = hint(reader.texts("problem.foreign")) if guessed else ""
        return {self.text: "", self.notice: notice} | self._current(reader, method)

    def _begin_again(self, reader: Reader, method: str) -> Updates:
        reader.session.clear(Conversation)
        return {self.notice: ""} | self._current(reader, method)

    def _kill(self, reader: Reader, method: str) -> Updates:
        notice = ""
        try:
            self.board.kill(method)
        except HostingLabError as error:  # somebody else was faster
            notice = problem(str(error))
        return {self.notice: notice} | self._current(reader, method)

    def _start(self, reader: Reader, method: str) -> Updates:
        self.board.start(method)
        return {self.notice: ""} | self._current(reader, method)

    def _unavailable(self) -> tuple[str, ...]:
        """Return the methods whose tool is missing here.

        Only when the tab is opened: a tick would disturb who is choosing a method.
        """
        return tuple(card.method for card in self.board.cards() if card.state == "unavailable")

    def _card(self, method: str) -> Card:
        return next(card for card in self.board.cards() if card.method == method)


def _choices(texts: Texts, unavailable: Sequence[str]) -> list[tuple[str, str]]:
    titles = {method: texts.title(method) for method in METHODS}
    marked = {one: texts("dialogue.unavailable", method=titles[one]) for one in unavailable}
    return [(title, method) for method, title in (titles | marked).items()]


def _button(name: str, initial: Texts, variant: str = "secondary") -> gr.Button:
    return gr.Button(
        initial(f"dialogue.{name}"),
        variant="primary" if variant == "primary" else "secondary",
        elem_id=f"dialogue-{name}",
        min_width=120,
        size="md",
    )
