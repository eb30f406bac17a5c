"""Doors: one file for each way in which HTTP calls arrive. They alone know a web server or framework."""
