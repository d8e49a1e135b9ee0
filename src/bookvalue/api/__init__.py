"""Who asks? A system or an operator over HTTP: parse, call one service, answer."""
