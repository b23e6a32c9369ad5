"""How the database is emptied after a test with transactions of its own."""

from django.core.management import call_command
from django.db import connection, transaction

# What `post_migrate` writes: kinds of rows, permissions, and the roles that have them.
WRITTEN = (
    "auth_group",
    "auth_group_permissions",
    "auth_permission",
    "django_content_type",
)

_sum_of_written = None  # once it was written


def empty_database(test=None):
    """As Django's `flush`, which takes ten times as long, most of it for `WRITTEN`.

    Where a test has not touched these they stay; else they are written again.
    """
    global _sum_of_written  # noqa: PLW0603 - of the database, of which a process has one
    if _sum_of_written != _sum():
        call_command("flush", verbosity=0, interactive=False, inhibit_post_migrate=False)
        _sum_of_written = _sum()
        return
    tables = connection.introspection.django_table_names(only_existing=True, include_views=False)
    names = ", ".join(connection.ops.quote_name(one) for one in tables if one not in WRITTEN)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = off")  # what is lost was to be
        cursor.execute(f"TRUNCATE {names}")


def _sum():
    sums = (
        f"SELECT md5(string_agg(t::text, ',' ORDER BY t::text)) FROM {table} AS t"  # noqa: S608
        for table in WRITTEN
    )
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(sums))
        return cursor.fetchall()
