-- The rules that are broken now.
SELECT dataset, rule, column_name, severity, observed, unit, operator, threshold, rows_checked, checked_at
FROM data_quality
WHERE NOT passed
ORDER BY severity, dataset, rule
