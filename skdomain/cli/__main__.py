"""``python -m skdomain.cli`` where the command itself is not on the path."""

import sys

from skdomain.cli import main

sys.exit(main())
