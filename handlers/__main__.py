"""`python -m handlers` prints the table of routes; `--json` for scripts."""

from fulfillment.routing.table import main

from . import routes

main(routes)
