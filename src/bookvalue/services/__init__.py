"""What happens? One use case a file, named as the action; each owns its commit."""
