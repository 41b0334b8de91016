-- Kilometres between two places on the sphere of the earth.
CREATE TEMP MACRO tr_geo_great_circle(y1, x1, y2, x2) AS
    CASE WHEN y1 IS NULL OR x1 IS NULL OR y2 IS NULL OR x2 IS NULL THEN NULL
         WHEN NOT (y1 BETWEEN -90 AND 90 AND y2 BETWEEN -90 AND 90)
         THEN CAST(CAST('laketop!INVALID_FUNCTION_ARGUMENT!Latitude must be between -90 and 90' || left(CAST(y1 AS VARCHAR), 0) || '!laketop' AS INTEGER) AS DOUBLE)
         WHEN NOT (x1 BETWEEN -180 AND 180 AND x2 BETWEEN -180 AND 180)
         THEN CAST(CAST('laketop!INVALID_FUNCTION_ARGUMENT!Longitude must be between -180 and 180' || left(CAST(x1 AS VARCHAR), 0) || '!laketop' AS INTEGER) AS DOUBLE)
         ELSE 6371.01 * atan2(
             sqrt(pow(cos(radians(y2)) * sin(radians(x1) - radians(x2)), 2)
                  + pow(cos(radians(y1)) * sin(radians(y2)) - sin(radians(y1)) * cos(radians(y2)) * cos(radians(x1) - radians(x2)), 2)),
             sin(radians(y1)) * sin(radians(y2)) + cos(radians(y1)) * cos(radians(y2)) * cos(radians(x1) - radians(x2))) END
