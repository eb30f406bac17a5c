"""Handlers for tests of the kit itself: each shows one way in which a handler can behave."""

from fulfillment import discover

routes = discover(__name__)
