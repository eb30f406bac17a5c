from fulfillment.route_table import main

from . import routes

main(routes)
