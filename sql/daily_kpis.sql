-- The day's figures of the shop, from the processed transactions, a row a day.
-- An order counts by order_id, a sale by its line. Revenue is what customers paid for completed lines; refunded lines are shown
-- beside it, cancelled ones nowhere but in their count.
WITH daily AS (
    SELECT
        transaction_date,
        count(DISTINCT CASE WHEN status = 'completed' THEN order_id END) AS orders,
        count(DISTINCT CASE WHEN status = 'completed' THEN customer_id END) AS customers,
        sum(CASE WHEN status = 'completed' THEN quantity ELSE 0 END) AS units,
        sum(CASE WHEN status = 'completed' THEN total_amount ELSE CAST(0 AS decimal(12, 2)) END) AS revenue,
        count(CASE WHEN status = 'refunded' THEN 1 END) AS refunded_lines,
        sum(CASE WHEN status = 'refunded' THEN total_amount ELSE CAST(0 AS decimal(12, 2)) END) AS refunded_amount,
        count(CASE WHEN status = 'cancelled' THEN 1 END) AS cancelled_lines
    FROM transactions
    GROUP BY transaction_date
)
SELECT
    transaction_date,
    orders,
    customers,
    units,
    revenue,
    CAST(revenue / nullif(orders, 0) AS decimal(12, 2)) AS average_order_value,
    refunded_lines,
    refunded_amount,
    cancelled_lines
FROM daily
ORDER BY transaction_date
