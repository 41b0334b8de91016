-- In how many places two texts of one length differ.
CREATE TEMP MACRO tr_str_hamming(a, b) AS
    CASE WHEN a IS NULL OR b IS NULL THEN NULL
         ELSE len(list_filter(range(1, length(a) + 1), lambda i: substring(a, i, 1) <> substring(b, i, 1))) END
