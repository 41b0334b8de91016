-- The day's figures of the shop: sales by the day of the order, visits by the day of the session.
-- An order counts by order_id. Revenue is what customers paid for completed lines; refunded lines are shown beside it,
-- cancelled ones nowhere but in their count. The conversion rate is the share of sessions with a purchase.
WITH visits AS (
    SELECT
        session_date,
        count(*) AS sessions,
        count(DISTINCT visitor_id) AS visitors,
        count_if(purchases > 0) AS sessions_with_purchase
    FROM sessions
    GROUP BY session_date
)
SELECT
    coalesce(s.sales_date, v.session_date) AS day,
    coalesce(s.orders, 0) AS orders,
    coalesce(s.customers, 0) AS customers,
    coalesce(s.new_customers, 0) AS new_customers,
    coalesce(s.customers, 0) - coalesce(s.new_customers, 0) AS returning_customers,
    coalesce(s.units, 0) AS units,
    coalesce(s.revenue, DECIMAL '0.00') AS revenue,
    CAST(s.revenue / nullif(s.orders, 0) AS decimal(12, 2)) AS average_order_value,
    coalesce(s.refunded_lines, 0) AS refunded_lines,
    coalesce(s.refunded_amount, DECIMAL '0.00') AS refunded_amount,
    coalesce(s.cancelled_lines, 0) AS cancelled_lines,
    coalesce(v.sessions, 0) AS sessions,
    coalesce(v.visitors, 0) AS visitors,
    coalesce(v.sessions_with_purchase, 0) AS sessions_with_purchase,
    CAST(v.sessions_with_purchase AS double) / nullif(v.sessions, 0) AS conversion_rate
FROM daily_sales AS s
FULL JOIN visits AS v ON s.sales_date = v.session_date
