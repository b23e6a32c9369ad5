"""How gunicorn serves the directory. It reads this file by itself; its own flags win over it."""

import os

bind = f"{os.environ.get('HOST', '127.0.0.1')}:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
threads = 4

# Nothing that a visitor asks for is written down.
accesslog = None
logger_class = "directory.logs.GunicornLogger"

# A second copy on the same machine would want the same control socket.
control_socket_disable = True
