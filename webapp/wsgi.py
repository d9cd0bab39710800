"""The web application for a WSGI server: `gunicorn --worker-class gthread webapp.wsgi:app`."""

from config import Config
from webapp import create_app
from webapp.garbage import settle

app = create_app(Config.from_env())
settle()
