"""Mutation testing of what the promises stand on: `python -m tests.kit.mutation`."""
