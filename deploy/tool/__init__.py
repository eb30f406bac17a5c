"""What the scripts of deploy/ read, compare and write as JSON: one command, one file a subject.

It needs nothing but Python itself, since the scripts run where nothing is installed.
"""
