"""Who asks? Celery worker and beat: parse, call one service, answer."""
