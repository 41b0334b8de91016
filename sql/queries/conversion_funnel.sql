-- From session to purchase, by device and source. Parameters: first day, last day (text).
SELECT
    device,
    source,
    sum(sessions) AS sessions,
    sum(product_views) AS product_views,
    sum(carts) AS carts,
    sum(checkouts) AS checkouts,
    sum(purchases) AS purchases,
    CAST(sum(purchases) AS double) / nullif(sum(sessions), 0) AS conversion_rate
FROM conversion_funnel
WHERE session_date BETWEEN CAST(? AS date) AND CAST(? AS date)
GROUP BY device, source
ORDER BY sessions DESC, device, source
