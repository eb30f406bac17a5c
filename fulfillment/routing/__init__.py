"""From a mark to a call: marks, discovery, handlers, their arguments, and what is said where nobody handles."""
