-- Daily figures of a category. Parameters: category; first day, last day (text), first month, last month (as '2026-01') of
-- the sales; the same four of the visits. The months say which partitions are read.
-- An order counts for each category that it has a line of; a session for each category that an event of it is about, and
-- with a purchase where a product of the category was bought. A customer is new on the day of the first order of all.
WITH
    chosen AS (
        SELECT product_id FROM product_insights WHERE category = ?
    ),
    sales AS (
        SELECT
            t.transaction_date AS day,
            count(DISTINCT IF(t.status = 'completed', t.order_id)) AS orders,
            count(DISTINCT IF(t.status = 'completed', t.customer_id)) AS customers,
            count(DISTINCT IF(t.status = 'completed' AND c.first_order_date = t.transaction_date, t.customer_id)) AS new_customers,
            sum(IF(t.status = 'completed', t.quantity, 0)) AS units,
            sum(IF(t.status = 'completed', t.total_amount, DECIMAL '0.00')) AS revenue,
            sum(IF(t.status = 'refunded', t.total_amount, DECIMAL '0.00')) AS refunded_amount
        FROM ${processed}.transactions AS t
        INNER JOIN chosen AS p ON t.product_id = p.product_id
        LEFT JOIN customer_360 AS c ON t.customer_id = c.customer_id AND c.is_current
        WHERE
            t.transaction_date BETWEEN CAST(? AS date) AND CAST(? AS date)
            AND t.transaction_month BETWEEN ? AND ?
        GROUP BY t.transaction_date
    ),
    visits AS (
        SELECT
            s.session_date AS day,
            count(DISTINCT s.session_id) AS sessions,
            count(DISTINCT IF(e.event_type = 'purchase', s.session_id)) AS sessions_with_purchase
        FROM sessions AS s
        INNER JOIN ${processed}.clickstream AS e
            ON s.visitor_id = e.visitor_id AND e.event_ts BETWEEN s.started_at AND s.ended_at
        INNER JOIN chosen AS p ON e.product_id = p.product_id
        WHERE
            s.session_date BETWEEN CAST(? AS date) AND CAST(? AS date)
            AND s.session_month BETWEEN ? AND ?
        GROUP BY s.session_date
    )
SELECT
    coalesce(s.day, v.day) AS day,
    coalesce(s.orders, 0) AS orders,
    coalesce(s.customers, 0) AS customers,
    coalesce(s.new_customers, 0) AS new_customers,
    coalesce(s.customers, 0) - coalesce(s.new_customers, 0) AS returning_customers,
    coalesce(s.units, 0) AS units,
    coalesce(s.revenue, DECIMAL '0.00') AS revenue,
    CAST(s.revenue / nullif(s.orders, 0) AS decimal(12, 2)) AS average_order_value,
    coalesce(s.refunded_amount, DECIMAL '0.00') AS refunded_amount,
    coalesce(v.sessions, 0) AS sessions,
    coalesce(v.sessions_with_purchase, 0) AS sessions_with_purchase,
    CAST(v.sessions_with_purchase AS double) / nullif(v.sessions, 0) AS conversion_rate
FROM sales AS s
FULL JOIN visits AS v ON s.day = v.day
ORDER BY day
