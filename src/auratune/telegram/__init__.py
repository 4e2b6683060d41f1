"""A Telegram bot that takes photos and sends films back: a client of the service's HTTP API, with no public address.

It needs no library of its own: the Bot API is plain HTTP, and six of its methods are all that is asked for.
"""
