-- The latest answer to each rule of each contract.
SELECT dataset, rule, column_name, dimension, severity, passed, observed, unit, operator, threshold, rows_checked, checked_at, run_id
FROM (
    SELECT *, row_number() OVER (PARTITION BY dataset, rule ORDER BY checked_at DESC, run_id DESC) AS place
    FROM data_quality_results
)
WHERE place = 1
