-- The positions of the n lowest ranks. Of equal ones Trino keeps those, in that order, that its heap happens to keep; where a
-- group is so large that the heap would take long, the first of them.
CREATE TEMP MACRO tr_agg_best(ranks, n) AS
    CASE WHEN len(ranks) <= 10000 AND len(list_distinct(ranks)) < len(ranks) THEN py_agg_heap(ranks, n)
         ELSE list_transform(list_sort(list_transform(ranks, lambda g_rank, g_at: {'r': g_rank, 'i': g_at}))[:n],
                             lambda g_one: g_one.i) END
