"""What the filters offer, kept in each process for as long as its stamp holds.

Terms, vocabularies, approaches and the numbers of their keys are on every page, and change a few
times a day. PostgreSQL puts another stamp on them in the transaction of each write, whoever makes
it. Every page looks at the stamp; whoever finds another one than that of the copy reads anew.
"""

from django.db import connection


class Kept:
    """A copy of what `make()` reads and works out, true for one stamp.

    What is made stays unchanged: the threads of a process share it.
    """

    def __init__(self, make):
        self.make = make
        self._pair = (None, None)

    @property
    def last(self):
        """(stamp, copy) as it was read last, whether or not the stamp still holds."""
        return self._pair

    def at(self, stamp):
        """The copy, read anew unless it was made at this stamp.

        The stamp must have been read before: what was written in between is then read twice, and
        never missed.
        """
        kept, made = self._pair
        if kept != stamp:
            made = self.make()
            self._pair = (stamp, made)
        return made


def stamp():
    """The stamp on what is offered now."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT stamp FROM therapists_searchoffered")
        return cursor.fetchone()[0]


class Counted:
    """The keys that are counted on every page, and their numbers."""

    def __init__(self):
        with connection.cursor() as cursor:
            cursor.execute("SELECT id, facet, value FROM therapists_searchkey WHERE counted")
            self.key_of = {number: (facet, value) for number, facet, value in cursor}
        self.number_of = {key: number for number, key in self.key_of.items()}

    def packed(self, values):
        """A byte for each number: the value of its key in `values`, or 0."""
        known = {self.number_of[key]: v for key, v in values.items() if key in self.number_of}
        whole = bytearray(max(known, default=-1) + 1)
        for number, value in known.items():
            whole[number] = value
        return bytes(whole)


COUNTED = Kept(Counted)
