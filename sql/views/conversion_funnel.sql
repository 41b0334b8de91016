-- How many sessions reached each step of the funnel, by day, device and source.
-- A session counts for a step when an event of that step, or of a later one, is in it.
SELECT
    session_date,
    device,
    source,
    count(*) AS sessions,
    count_if(product_views + carts + checkouts + purchases > 0) AS product_views,
    count_if(carts + checkouts + purchases > 0) AS carts,
    count_if(checkouts + purchases > 0) AS checkouts,
    count_if(purchases > 0) AS purchases
FROM sessions
GROUP BY session_date, device, source
