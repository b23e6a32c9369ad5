"""The search index: who fits, how many fit every choice, and who stands on a page.

    SearchEntry     one row for each published therapist: a slot number, and what they are found by
    searchkey       what can be asked, numbered: ("term", "17"), ("state", "OR")
    searchbits      for each key and block of 16,384 slots, a bit string: who has it
    searchat        for each place, where it lies, and the slots of those with an office there
    searchorder     for each day that was asked for, the slots by rank
    searchspelling  words of names, under spellings that lack a letter
    searchoffered   a stamp that is another one after every write to what the filters offer

PostgreSQL keeps all of it by triggers, in the transaction of each write; the SQL stands in
`therapists/migrations/sql/search_index.sql`, and what a page asks in `search_read.sql` beside it. A
set of therapists is a Python integer with a bit for each slot (`bits`), so groups of the filter are
`|` inside and `&` across (`groups`). `reading` fetches the sets that an address needs,
`index.Search` answers it, `order` finds the page; `offered` keeps what changes rarely; `upkeep`
builds the index, and `check` proves and mends it.
"""
