-- A stamp on what the filters offer: terms, vocabularies, approaches, and the numbers of the keys that
-- are counted. It is another one after every write to any of them, from the moment that the others see
-- the write, so a process that holds a copy can tell by one look whether the copy is still true. Not a
-- number that counts up: a transaction that was rolled back would have used the next one already.
CREATE TABLE therapists_searchoffered (
    is_one boolean PRIMARY KEY DEFAULT true CHECK (is_one),
    stamp uuid NOT NULL DEFAULT gen_random_uuid()
);
INSERT INTO therapists_searchoffered DEFAULT VALUES;

CREATE FUNCTION therapists_search_stamp() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- Whoever writes holds this lock already, or two would wait for each other.
    PERFORM therapists_search_lock();
    UPDATE therapists_searchoffered SET stamp = gen_random_uuid();
    RETURN NULL;
END
$$;
-- Keys come and go with towns and words, too; those are not offered.
CREATE FUNCTION therapists_search_stamp_keys() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        PERFORM FROM stale WHERE counted LIMIT 1;
    ELSE
        PERFORM FROM fresh WHERE counted LIMIT 1;
    END IF;
    IF FOUND THEN
        UPDATE therapists_searchoffered SET stamp = gen_random_uuid();
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER search_stamps AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON therapists_term
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_stamp();
CREATE TRIGGER search_locks BEFORE INSERT OR UPDATE OR DELETE ON therapists_vocabulary
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_lock_first();
CREATE TRIGGER search_stamps AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON therapists_vocabulary
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_stamp();
CREATE TRIGGER search_locks BEFORE INSERT OR UPDATE OR DELETE ON therapists_termalias
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_lock_first();
CREATE TRIGGER search_stamps AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON therapists_termalias
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_stamp();
CREATE TRIGGER search_stamps_insert AFTER INSERT ON therapists_searchkey
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_stamp_keys();
CREATE TRIGGER search_stamps_update AFTER UPDATE ON therapists_searchkey
    REFERENCING NEW TABLE AS fresh
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_stamp_keys();
CREATE TRIGGER search_stamps_delete AFTER DELETE ON therapists_searchkey
    REFERENCING OLD TABLE AS stale
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_stamp_keys();
CREATE TRIGGER search_stamps_truncate AFTER TRUNCATE ON therapists_searchkey
    FOR EACH STATEMENT EXECUTE FUNCTION therapists_search_stamp();
