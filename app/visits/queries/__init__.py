"""Reading requests, appointments and visits. Every query takes the viewer's ``Scope`` first and applies it in SQL."""
