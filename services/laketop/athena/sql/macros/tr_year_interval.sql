-- Months that fit into 32 bits.
CREATE TEMP MACRO tr_year_interval(months) AS
    CASE WHEN abs(months) > 2147483647
         THEN CAST('laketop!GENERIC_INTERNAL_ERROR!Value ' || CAST(months AS VARCHAR) || ' exceeds MAX_INT!laketop' AS INTEGER)
         ELSE CAST(months AS INTEGER) END
