-- What a page asks the index: who fits (read), how many fit every choice (counts), who stands on the
-- page (page). plpgsql, which plans a statement once for each connection: to plan these for each page
-- took as long as to answer them. What is not asked for is not looked at. Left to itself, PostgreSQL
-- would go on planning for lists that are shorter than it must expect.

-- The rows of `therapists/search/reading.py`, by kind:
--   behind        label 1: the index stands at an older day, and the rest may be wrong
--   bits          of each label: the strings of those who have any of its keys
--   word bits     of each word: the strings of those who use it, where it is a key
--   name bits     the same of those who have a term or an approach that it names
--   word slots    who uses it, where it is no key
--   named slots   whose name holds it, if `by_name` asks for that
--   word          what was understood of it: label of `block` 1 says nothing, like "and"; in `said`
--                 stands what was looked for instead
-- and those of `therapists_search_place`, where a place was asked for.
CREATE FUNCTION therapists_search_read(
    today date, hidden_after integer, labels integer[], facets text[], "values" text[],
    words text[], by_name boolean, zip text, town text, state text, radius float8
) RETURNS TABLE (kind text, label integer, block integer, data bytea, said text)
LANGUAGE plpgsql STABLE ROWS 20 SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    kind := 'behind';
    label := therapists_search_is_behind(today, hidden_after)::int;
    RETURN NEXT;
    RETURN QUERY
    SELECT 'bits', a.label, b.block, varbit_send(bit_or(b.bits)), NULL::text
    FROM unnest(labels, facets, "values") AS a (label, facet, value)
    JOIN therapists_searchkey k ON k.facet = a.facet AND k.value = a.value
    JOIN therapists_searchbits b ON b.key = k.id GROUP BY 2, 3;
    IF words <> '{}' THEN
        RETURN QUERY
        WITH worded AS MATERIALIZED (
            SELECT * FROM therapists_search_words(
                ARRAY(SELECT generate_series(0, cardinality(words) - 1)), words
            )
        ), by_key AS (
            SELECT w.label, k.facet = 'word' AS is_own, w.key
            FROM worded w JOIN therapists_searchkey k ON k.id = w.key
        )
        SELECT CASE WHEN k.is_own THEN 'word bits' ELSE 'name bits' END, k.label, b.block,
                varbit_send(bit_or(b.bits)), NULL::text
            FROM by_key k JOIN therapists_searchbits b ON b.key = k.key GROUP BY 1, 2, 3
        UNION ALL
        SELECT 'word slots', w.label, NULL, w.slots, NULL FROM worded w WHERE w.slots IS NOT NULL
        UNION ALL
        SELECT 'word', w.label, w.is_hollow::int, NULL, array_to_string(w.meant, ' ')
            FROM worded w WHERE w.is_hollow OR w.meant IS NOT NULL
        UNION ALL
        SELECT 'named slots', (w.number - 1)::int, NULL, string_agg(int4send(e.slot), NULL), NULL
            FROM unnest(words) WITH ORDINALITY AS w (word, number)
            CROSS JOIN LATERAL unnest(coalesce(
                (SELECT m.meant FROM worded m
                    WHERE m.label = w.number - 1 AND m.meant IS NOT NULL LIMIT 1),
                ARRAY[w.word, therapists_search_unaccented(w.word)]
            )) AS one
            CROSS JOIN LATERAL (
                SELECT tsvector_to_array(to_tsvector('simple', therapists_search_plain(one))) AS names
            ) asked
            JOIN therapists_searchentry e ON e.names @> asked.names AND asked.names <> '{}'
            WHERE by_name GROUP BY 2;
    END IF;
    IF zip || town || state <> '' THEN
        RETURN QUERY SELECT * FROM therapists_search_place(zip, town, state, radius);
    END IF;
END
$$;

-- One row: the stamp on what the filters offer, and the numbers of all keys that are counted, how many
-- fit, and how many of everyone. `sets` are one after the other, each of so many blocks; without any,
-- everyone fits. `own` has a byte for each number of a key: in which set it is counted, or 255 for
-- everyone; keys beyond its end are counted in set 0. Its join to the strings would be shorter, and
-- PostgreSQL made a copy of all of them for it.
CREATE FUNCTION therapists_search_counts(blocks integer, sets bytea, own bytea)
RETURNS TABLE (stamp uuid, keys bytea, fitting bytea, everyone bytea)
LANGUAGE plpgsql STABLE ROWS 1 SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    SELECT o.stamp INTO stamp FROM therapists_searchoffered o;
    IF sets = '' THEN
        SELECT array_send(array_agg(c.key)), array_send(array_agg(c.everyone)) INTO keys, everyone
        FROM (
            SELECT b.key, sum(b.count)::int AS everyone FROM therapists_searchbits_counted b GROUP BY 1
        ) c;
        fitting := everyone;
    ELSE
        WITH fits AS MATERIALIZED (
            SELECT piece / blocks AS number, piece % blocks AS block,
                ('x' || encode(substr(sets, piece * 2048 + 1, 2048), 'hex'))::bit(16384) AS bits
            -- An array, of which PostgreSQL expects ten: of a thousand pieces, as it expects them
            -- of a series, it would rather lay the strings of all keys into a hash table.
            FROM unnest(ARRAY(SELECT generate_series(0, octet_length(sets) / 2048 - 1))) AS piece
        ), numbered AS (
            SELECT *, CASE WHEN key < octet_length(own) THEN get_byte(own, key) ELSE 0 END AS number
            FROM therapists_searchbits_counted
        )
        SELECT array_send(array_agg(c.key)), array_send(array_agg(c.fitting)),
            array_send(array_agg(c.everyone)) INTO keys, fitting, everyone
        FROM (
            -- By the key alone: PostgreSQL knows how many there are, and does not sort strings.
            SELECT b.key, sum(b.count)::int AS everyone,
                coalesce(sum(
                    CASE b.number WHEN 255 THEN b.count ELSE bit_count(b.bits & f.bits)::int END
                ), 0)::int AS fitting
            FROM numbered b LEFT JOIN fits f ON f.block = b.block AND f.number = b.number GROUP BY 1
        ) c;
    END IF;
    RETURN NEXT;
END
$$;

-- For each tier its slots in a day's order; and as tier -1 the first of that order whoever they are, in
-- so many buckets: hundreds of them in one piece.
CREATE FUNCTION therapists_search_page(asked date, slots integer[], tiers integer[], buckets integer)
RETURNS TABLE (tier integer, sent bytea)
LANGUAGE plpgsql STABLE ROWS 3 SET plan_cache_mode = force_generic_plan AS $$
BEGIN
    IF slots <> '{}' THEN
        RETURN QUERY
        SELECT few.tier,
            array_send(array_agg(e.slot ORDER BY therapists_search_rank(asked, e.slug), e.slug))
        FROM unnest(slots, tiers) AS few (slot, tier)
        JOIN therapists_searchentry e ON e.slot = few.slot
        GROUP BY 1;
    END IF;
    IF buckets > 0 THEN
        -- Before the slots of each bucket stands what kind of array it is.
        SELECT -1, string_agg(substr(array_send(o.slots), 21), NULL ORDER BY o.bucket)
            INTO tier, sent
            FROM therapists_searchorder o WHERE o.day = asked AND o.bucket < buckets;
        RETURN NEXT;
    END IF;
END
$$;
