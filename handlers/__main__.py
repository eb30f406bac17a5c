"""`python -m handlers` prints the table of routes; `--json` for scripts."""

from fulfillment.route_table import main

from . import routes

main(routes)
