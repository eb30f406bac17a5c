"""The kit: what every handler stands on. Replaceable as a whole; never edited by a user."""
