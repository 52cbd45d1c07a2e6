"""The front door: settings, the ASGI application, sign-in, and the ``zhoba`` command."""
