-- A date as text; no sign before a year of more than four digits.
CREATE TEMP MACRO tr_date_text(x) AS
    CASE WHEN x >= DATE '0000-01-01' THEN strftime(x, '%Y-%m-%d')
         ELSE '-' || lpad(CAST(-year(x) AS VARCHAR), CAST(greatest(4, length(CAST(-year(x) AS VARCHAR))) AS INTEGER), '0')
              || strftime(x, '-%m-%d') END
