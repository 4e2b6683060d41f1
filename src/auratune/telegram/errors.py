"""What may go wrong with one photo: try it later, or tell its sender."""

from __future__ import annotations


class TryLater(Exception):
    """Telegram or the service does not answer as it should just now."""

    def __init__(self, why: str, wait_seconds: float = 0.0) -> None:
        super().__init__(why)
        self.wait_seconds = wait_seconds
        """How long it asks to be left alone; 0 where it does not say."""


class Refused(Exception):
    """It will not work however often it is tried; the message is a sentence for the person who sent the photo."""


class ChatGone(Exception):
    """Nothing can be sent to this chat any more: the person blocked the bot, or the chat is no more."""
