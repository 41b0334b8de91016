-- Daily sales of a category. Parameters: first day, last day (text), first month, last month (as '2026-01'), category.
-- The months say which partitions are read. An order counts for each category that it has a line of.
SELECT
    t.transaction_date AS day,
    count(DISTINCT t.order_id) AS orders,
    count(DISTINCT t.customer_id) AS customers,
    sum(t.quantity) AS units,
    sum(t.total_amount) AS revenue
FROM ${processed}.transactions AS t
INNER JOIN product_insights AS p ON t.product_id = p.product_id
WHERE
    t.transaction_date BETWEEN CAST(? AS date) AND CAST(? AS date)
    AND t.transaction_month BETWEEN ? AND ?
    AND t.status = 'completed'
    AND p.category = ?
GROUP BY t.transaction_date
ORDER BY day
