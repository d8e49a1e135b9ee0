"""Who asks? A person at a terminal: parse, call one service, print."""
