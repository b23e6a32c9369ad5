DROP FUNCTION therapists_search_follow, therapists_search_follow_named,
    therapists_search_follow_compacts, therapists_search_lock_first,
    therapists_search_entries_in, therapists_search_entries_out,
    therapists_search_entries_changed, therapists_search_entries_truncated CASCADE;
DROP FUNCTION therapists_search_words, therapists_search_word, therapists_search_spelled,
    therapists_search_distance, therapists_search_watch, therapists_search_unwatch,
    therapists_search_make_all_keys, therapists_search_rename, therapists_search_touch,
    therapists_search_follow_put_off, therapists_search_lay, therapists_search_queue,
    therapists_search_bucket, therapists_search_rank, therapists_search_forget,
    therapists_search_learn, therapists_search_deletions, therapists_search_unsettle,
    therapists_search_settle, therapists_search_clear, therapists_search_set,
    therapists_search_strings, therapists_search_begin, therapists_search_is_behind,
    therapists_search_refresh, therapists_search_promote, therapists_search_make_keys,
    therapists_search_wanted, therapists_search_facets, therapists_search_name,
    therapists_search_name_vector, therapists_search_unaccented, therapists_search_plain,
    therapists_search_town, therapists_search_is_counted, therapists_search_lock;
DROP TABLE therapists_searchkey, therapists_searchbits, therapists_searchorder,
    therapists_searchat, therapists_searchspelling, therapists_searchlater, therapists_searchday;
