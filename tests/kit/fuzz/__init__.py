"""Mutated webhook calls: every answer has a named cause, parses with Google's types, and tells no secret."""
