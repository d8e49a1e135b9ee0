"""Golden cases: published figures, IRS tables and spreadsheet functions against the schedules of the engine."""
