"""The mock client: phones, outside systems and actors that QA plays against a running server over real HTTP.

It imports nothing of the application, so it knows only what any client can know.
"""
