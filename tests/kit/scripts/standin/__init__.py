"""A local stand-in for the Google APIs that the deploy scripts call: an HTTPS proxy that keeps state."""

from .cloud import Cloud, Problem, Seen

__all__ = ["Cloud", "Problem", "Seen"]
