"""The express lane: queries whose whole answer is one statement's text never touch the executor.

A POST to ``/graphql`` is answered here when its document is known, every field of it is planned,
and nothing in the answer is denied or absent; anything else goes on to the application unchanged,
so that a client cannot tell which of the two has answered. Sign-ins and answers are remembered
only as long as the database's snapshot stays the same.
"""
