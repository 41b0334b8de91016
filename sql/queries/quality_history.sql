-- The answers to the quality rules in the latest runs. Parameters: how many runs.
WITH latest AS (
    SELECT run_id, row_number() OVER (ORDER BY max(checked_at) DESC, run_id) AS place
    FROM data_quality_results
    GROUP BY run_id
)
SELECT q.run_id, q.checked_at, q.dataset, q.rule, q.column_name, q.dimension, q.severity, q.passed, q.observed, q.unit, q.operator, q.threshold, q.rows_checked
FROM data_quality_results AS q
INNER JOIN latest AS l ON q.run_id = l.run_id
WHERE l.place <= CAST(? AS integer)
ORDER BY q.checked_at DESC, q.dataset, q.rule
