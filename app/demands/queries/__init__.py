"""Reading demands. Every query takes the viewer's scope first and applies it in SQL."""

from app.demands.queries.records import demands_of_visit, get_demand, open_demands_of
from app.demands.queries.scope import demand_in_scope

__all__ = ["demand_in_scope", "demands_of_visit", "get_demand", "open_demands_of"]
