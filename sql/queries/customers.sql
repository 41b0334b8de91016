-- Who bought in a period: all, the new ones (first order of all in the period), the returning ones (first order before it).
-- Parameters: first day, last day, first day (text); first day, last day, first month, last month (as '2026-01'); category
-- ('all' for every one). The months say which partitions are read.
SELECT
    count(*) AS customers,
    count_if(c.first_order_date BETWEEN CAST(? AS date) AND CAST(? AS date)) AS new_customers,
    count_if(c.first_order_date < CAST(? AS date)) AS returning_customers
FROM
    (
        SELECT DISTINCT t.customer_id
        FROM ${processed}.transactions AS t
        LEFT JOIN product_insights AS p ON t.product_id = p.product_id
        WHERE
            t.status = 'completed'
            AND t.transaction_date BETWEEN CAST(? AS date) AND CAST(? AS date)
            AND t.transaction_month BETWEEN ? AND ?
            AND ? IN ('all', p.category)
    ) AS b
LEFT JOIN customer_360 AS c ON b.customer_id = c.customer_id AND c.is_current
