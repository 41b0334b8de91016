-- What each product sold on each day, with what it is and how it is rated.
SELECT
    s.sales_date,
    s.product_id,
    p.name,
    p.category,
    p.brand,
    p.price_band,
    s.order_lines,
    s.units,
    s.revenue,
    s.refunded_amount,
    p.average_rating,
    p.review_count,
    p.sentiment
FROM daily_product_sales AS s
LEFT JOIN product_insights AS p ON s.product_id = p.product_id
