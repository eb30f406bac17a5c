"""What the scripts of deploy/ read and write as JSON. Python without packages; each file is also a command."""
