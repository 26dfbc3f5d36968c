"""JSON API, version 1, as the phone uses it: who is signed in, what a visit may say, enterprises to pick from, visits to log.

Same actions, same scope, same sentences as the pages. docs/api.md tells how to use it; ``/api/v1/openapi.json`` is made from the code.
"""
