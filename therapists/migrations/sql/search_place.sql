-- What a search by place needs, in the rows of `therapists/search/reading.py`: which places may be
-- meant, best first, and for the first of them
--   rings     the places with an office at most `radius` miles away, the nearest first, in one piece:
--             their distances, how many slots each has, and the slots of all; `label` is how many
--   town      of a town that only offices know, who sits there: it has no coordinates
--   unplaced  who gave its state and no place that is known
-- plpgsql, which plans a statement once for each connection: to plan these for each page took longer
-- than to answer them.
CREATE FUNCTION therapists_search_place(zip text, town text, state text, radius float8)
RETURNS TABLE (kind text, label integer, block integer, data bytea, said text)
LANGUAGE plpgsql STABLE ROWS 5 AS $$
DECLARE
    place record;
    here record;
BEGIN
    FOR place IN
        SELECT * FROM therapists_places_understood($1, $2, $3) WITH ORDINALITY AS u
            (key, name, state, zip_code, latitude, longitude, size, number)
    LOOP
        IF place.number = 1 THEN
            here := place;
        END IF;
        kind := 'place';
        label := place.number;
        said := rtrim(place.name || ', ' || place.state || ' ' || place.zip_code);
        RETURN NEXT;
    END LOOP;
    IF here IS NULL THEN
        RETURN QUERY
        SELECT 'town', 0, b.block, varbit_send(bit_or(b.bits)), NULL::text
        FROM therapists_searchkey k JOIN therapists_searchbits b ON b.key = k.id
        WHERE k.facet = 'town' AND split_part(k.value, '|', 1) = therapists_search_town($2)
            AND $2 <> '' AND ($3 = '' OR split_part(k.value, '|', 2) = $3)
        GROUP BY 3;
        RETURN;
    END IF;
    RETURN QUERY
    SELECT 'rings', count(*)::int, NULL::int,
        string_agg(float8send(near.miles), NULL)
            || string_agg(int4send(cardinality(near.slots)), NULL)
            -- Before the slots of each stands what kind of array it is.
            || string_agg(substr(array_send(near.slots), 21), NULL),
        NULL::text
    FROM (
        SELECT * FROM therapists_search_around(here.latitude, here.longitude, radius) a
        ORDER BY a.miles
    ) near;
    RETURN QUERY
    SELECT 'unplaced', 0, b.block, varbit_send(bit_or(b.bits)), NULL::text
    FROM therapists_searchkey k JOIN therapists_searchbits b ON b.key = k.id
    WHERE k.facet = 'unplaced' AND k.value = here.state
    GROUP BY 3;
END
$$;
