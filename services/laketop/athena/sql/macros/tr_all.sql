-- Three-valued AND over a list of booleans; TRUE where it is empty.
CREATE TEMP MACRO tr_all(tests) AS
    CASE WHEN list_contains(tests, FALSE) THEN FALSE
         WHEN list_count(tests) < len(tests) THEN NULL
         ELSE TRUE END
