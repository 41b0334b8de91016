-- The latest reviews, with their text. Parameters: first day, last day (text), first month, last month (as '2026-01'),
-- category, label (positive, neutral, negative; 'all' for every one), how many. The months say which partitions are read.
SELECT review_ts, product_id, product, category, rating, label, sentiment, verified, helpful_votes, title, body
FROM (
    SELECT
        r.review_ts,
        r.product_id,
        p.name AS product,
        p.category,
        r.rating,
        s.label,
        s.sentiment,
        r.verified,
        r.helpful_votes,
        r.title,
        r.body,
        row_number() OVER (ORDER BY r.review_ts DESC, r.review_id) AS place
    FROM ${processed}.reviews AS r
    INNER JOIN review_sentiment AS s ON r.review_id = s.review_id
    LEFT JOIN product_insights AS p ON r.product_id = p.product_id
    WHERE
        CAST(r.review_ts AS date) BETWEEN CAST(? AS date) AND CAST(? AS date)
        AND r.review_month BETWEEN ? AND ?
        AND ? IN ('all', p.category)
        AND ? IN ('all', s.label)
)
WHERE place <= CAST(? AS integer)
ORDER BY place
