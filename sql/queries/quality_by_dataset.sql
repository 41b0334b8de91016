-- Each dataset's rules: how many there are, and how many hold now.
SELECT
    dataset,
    count(*) AS rules,
    count_if(passed) AS passed,
    count_if(NOT passed AND severity = 'error') AS errors,
    count_if(NOT passed AND severity <> 'error') AS warnings,
    max(rows_checked) AS rows_checked,
    max(checked_at) AS checked_at
FROM data_quality
GROUP BY dataset
ORDER BY dataset
