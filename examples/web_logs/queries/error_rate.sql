-- per day: hits, and how many per cent of them the server could not answer; ? is the least number of hits
SELECT day,
       sum(hits) AS hits,
       round(100 * CAST(sum(hits) FILTER (WHERE status >= 500) AS decimal(18, 2)) / sum(hits), 1) AS error_percent
FROM daily_hits
GROUP BY day
HAVING sum(hits) >= ?
ORDER BY day
