"""Measurements that anybody can repeat: `manage.py benchmark`.

Each module has a function ``measure`` that gives a list of ``Figure``s; none changes what is not its own.
"""
