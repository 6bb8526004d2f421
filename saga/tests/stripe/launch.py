"""Runs localstripe on a free port of the loopback interface, which it prints, until its standard input ends.

Its own command line listens on all interfaces, on a port that has to be known before, and never ends by itself.
"""

import logging
import os
import socket
import sys
import threading

from aiohttp import web
from localstripe import resources, server


def end_with_our_parent():
    sys.stdin.buffer.read()
    os._exit(0)


# After each change it would write all it knows to a file, which is the same one for every instance.
resources.Store.dump_to_disk = lambda self: None

# A refund of what was never charged is an exception inside it, with a long stack; the answer 500 says enough.
logging.disable(logging.CRITICAL)

listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
listener.bind(("127.0.0.1", 0))
listener.listen()
print(listener.getsockname()[1], flush=True)
threading.Thread(target=end_with_our_parent, daemon=True).start()
web.run_app(server.app, sock=listener, access_log=None, print=None)
