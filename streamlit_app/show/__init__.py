"""What pages have in common: filters, tiles, charts, and what stands where there is nothing to show."""
