DROP TRIGGER search_locks ON therapists_vocabulary;
DROP TRIGGER search_locks ON therapists_termalias;
DROP FUNCTION therapists_search_stamp, therapists_search_stamp_keys CASCADE;
DROP TABLE therapists_searchoffered;
