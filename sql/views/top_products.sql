-- The products by revenue over all days; by days and category: the named query of the same name.
SELECT
    row_number() OVER (ORDER BY s.revenue DESC, s.product_id) AS place,
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
FROM
    (
        SELECT
            product_id,
            sum(order_lines) AS order_lines,
            sum(units) AS units,
            sum(revenue) AS revenue,
            sum(refunded_amount) AS refunded_amount
        FROM daily_product_sales
        GROUP BY product_id
    ) AS s
LEFT JOIN product_insights AS p ON s.product_id = p.product_id
