-- Daily figures of the shop. Parameters: first day, last day (text, e.g. '2026-01-31').
SELECT * FROM daily_kpis
WHERE day BETWEEN CAST(? AS date) AND CAST(? AS date)
ORDER BY day
