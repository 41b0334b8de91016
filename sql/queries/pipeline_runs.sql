-- The latest runs of the transform, with their steps. Parameters: how many runs.
WITH latest AS (
    SELECT run_id, row_number() OVER (ORDER BY started_at DESC, run_id) AS place
    FROM pipeline_runs
    WHERE step = '(run)'
)
SELECT DISTINCT p.run_id, p.position, p.step, p.state, p.started_at, p.ended_at, p.seconds, p.error
FROM pipeline_runs AS p
INNER JOIN latest AS l ON p.run_id = l.run_id
WHERE l.place <= CAST(? AS integer)
ORDER BY p.run_id, p.position
