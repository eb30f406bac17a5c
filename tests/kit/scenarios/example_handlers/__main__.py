from fulfillment.routing.table import main

from . import routes

main(routes)
