-- The bytes in the other order, by way of their two hexadecimal digits.
CREATE TEMP MACRO tr_str_reverse_bytes(x) AS
    CASE WHEN x IS NULL THEN NULL
         ELSE unhex(coalesce(array_to_string(list_transform(list_reverse(range(1, octet_length(x) + 1)), lambda i: substring(hex(x), 2 * i - 1, 2)), ''), '')) END
