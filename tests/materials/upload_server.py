"""A web process of its own, whose memory can be watched: ``python upload_server.py`` prints its port."""

import sys

from werkzeug.serving import make_server

from app import create_app
from app.config import load_settings


def main() -> None:
    server = make_server("127.0.0.1", 0, create_app(load_settings()), threaded=True)
    sys.stdout.write(f"{server.server_port}\n")
    sys.stdout.flush()
    server.serve_forever()


if __name__ == "__main__":
    main()
