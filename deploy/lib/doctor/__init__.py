"""The judge of doctor.sh: checks over the facts that the script gathered."""
