"""The real command, as a process, on the real stack."""
