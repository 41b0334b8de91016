"""What the app asks of AWS, and what it does there."""
