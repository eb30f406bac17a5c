"""`python -m fulfillment.dialects` prints what each dialect makes of each part of a reply, as a Markdown table."""

from .losses import markdown

print(markdown())
