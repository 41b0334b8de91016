-- The reviews of each day, and what they think. Parameters: first day, last day (text), category ('all' for every one).
SELECT
    CAST(r.review_ts AS date) AS day,
    count(*) AS reviews,
    sum(r.rating) AS stars,
    count_if(r.label = 'positive') AS positive,
    count_if(r.label = 'neutral') AS neutral,
    count_if(r.label = 'negative') AS negative
FROM review_sentiment AS r
LEFT JOIN product_insights AS p ON r.product_id = p.product_id
WHERE CAST(r.review_ts AS date) BETWEEN CAST(? AS date) AND CAST(? AS date) AND ? IN ('all', p.category)
GROUP BY CAST(r.review_ts AS date)
ORDER BY day
