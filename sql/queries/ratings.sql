-- How many reviews gave how many stars, by category. Parameters: first day, last day (text), category ('all' for every one).
SELECT
    coalesce(p.category, 'unknown') AS category,
    r.rating,
    count(*) AS reviews
FROM review_sentiment AS r
LEFT JOIN product_insights AS p ON r.product_id = p.product_id
WHERE CAST(r.review_ts AS date) BETWEEN CAST(? AS date) AND CAST(? AS date) AND ? IN ('all', p.category)
GROUP BY coalesce(p.category, 'unknown'), r.rating
ORDER BY category, rating
