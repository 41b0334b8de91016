-- Control totals of the processed zone beside those of the curated zone: each pair must be equal.
SELECT 'orders' AS control, a.figure AS processed, b.figure AS curated, a.figure = b.figure AS agrees
FROM
    (
        SELECT CAST(count(*) AS decimal(18, 2)) AS figure
        FROM (SELECT DISTINCT transaction_date, order_id FROM ${processed}.transactions WHERE status = 'completed')
    ) AS a
CROSS JOIN (SELECT CAST(coalesce(sum(orders), 0) AS decimal(18, 2)) AS figure FROM daily_sales) AS b
UNION ALL
SELECT 'quantity', a.figure, b.figure, a.figure = b.figure
FROM
    (
        SELECT CAST(coalesce(sum(quantity), 0) AS decimal(18, 2)) AS figure
        FROM ${processed}.transactions
        WHERE status = 'completed'
    ) AS a
CROSS JOIN (SELECT CAST(coalesce(sum(units), 0) AS decimal(18, 2)) AS figure FROM daily_sales) AS b
UNION ALL
SELECT 'revenue', a.figure, b.figure, a.figure = b.figure
FROM
    (
        SELECT CAST(coalesce(sum(total_amount), DECIMAL '0.00') AS decimal(18, 2)) AS figure
        FROM ${processed}.transactions
        WHERE status = 'completed'
    ) AS a
CROSS JOIN (SELECT CAST(coalesce(sum(revenue), DECIMAL '0.00') AS decimal(18, 2)) AS figure FROM daily_sales) AS b
UNION ALL
SELECT 'revenue by product', a.figure, b.figure, a.figure = b.figure
FROM (SELECT CAST(coalesce(sum(revenue), DECIMAL '0.00') AS decimal(18, 2)) AS figure FROM daily_sales) AS a
CROSS JOIN (SELECT CAST(coalesce(sum(revenue), DECIMAL '0.00') AS decimal(18, 2)) AS figure FROM daily_product_sales) AS b
UNION ALL
SELECT 'events in sessions', a.figure, b.figure, a.figure = b.figure
FROM (SELECT CAST(count(*) AS decimal(18, 2)) AS figure FROM ${processed}.clickstream) AS a
CROSS JOIN (SELECT CAST(coalesce(sum(events), 0) AS decimal(18, 2)) AS figure FROM sessions) AS b
UNION ALL
SELECT 'reviews', a.figure, b.figure, a.figure = b.figure
FROM (SELECT CAST(count(*) AS decimal(18, 2)) AS figure FROM ${processed}.reviews) AS a
CROSS JOIN (SELECT CAST(count(*) AS decimal(18, 2)) AS figure FROM review_sentiment) AS b
UNION ALL
SELECT 'customers', a.figure, b.figure, a.figure = b.figure
FROM (SELECT CAST(count(DISTINCT customer_id) AS decimal(18, 2)) AS figure FROM ${processed}.transactions) AS a
CROSS JOIN (SELECT CAST(count(*) AS decimal(18, 2)) AS figure FROM customer_360 WHERE is_current) AS b
UNION ALL
SELECT 'products', a.figure, b.figure, a.figure = b.figure
FROM (SELECT CAST(count(DISTINCT product_id) AS decimal(18, 2)) AS figure FROM ${processed}.products) AS a
CROSS JOIN (SELECT CAST(count(*) AS decimal(18, 2)) AS figure FROM product_360 WHERE is_current) AS b
