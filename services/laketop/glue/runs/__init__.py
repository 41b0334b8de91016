"""Job runs: their states, who starts and follows them, where their logs go."""
