"""Query executions: their states, their history, and the threads that run them."""
