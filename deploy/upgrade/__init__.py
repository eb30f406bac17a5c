"""Brings a project that was made from an older version of the kit to the version of this checkout; docs/upgrade.md.

Needs Python alone, runs in the new checkout and writes into the project: nothing has to be there in an old one.
"""
