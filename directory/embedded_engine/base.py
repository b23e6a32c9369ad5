"""Django's PostgreSQL engine for the embedded server, which it starts again should it be gone."""

from django.conf import settings
from django.db.backends.postgresql import base
from django.db.utils import OperationalError

from directory import embedded


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params):
        try:
            return super().get_new_connection(conn_params)
        except (OperationalError, base.Database.OperationalError):
            # Killed under a running site, say for want of memory. Its data are safe.
            embedded.connection(settings.EMBEDDED_CLUSTER)
            return super().get_new_connection(conn_params)
