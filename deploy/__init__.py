"""What brings the function from a checkout to where it answers: a Google Cloud project, or this machine."""
