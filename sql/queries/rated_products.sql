-- The products by how many reviewed them, with their mean rating. Parameters: category ('all' for every one), how many.
SELECT product_id, name, category, price_band, price, review_count, average_rating, positive_share
FROM (
    SELECT *, row_number() OVER (ORDER BY review_count DESC, product_id) AS place
    FROM product_insights
    WHERE review_count > 0 AND ? IN ('all', category)
)
WHERE place <= CAST(? AS integer)
ORDER BY place
