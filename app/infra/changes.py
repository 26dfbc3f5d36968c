"""Told in the same transaction: a lower capability changed something, an upper one keeps its stored figures in step.

``enterprises`` and ``ladder`` notify, ``ladder`` and ``indicators`` listen; listeners register at start-up (``views.init_app``).
Unlike the outbox nothing is stored or sent: a listener that fails rolls the whole change back.

Kinds in use: ``enterprise.moved`` (town or unit attribution changed), ``enterprise.merged``, ``enterprise.described`` (another industry or name),
``recognition.changed``,
``area.unit_changed`` (town ids in ``ids``), ``area.loaded`` (city ids: its areas were loaded), ``bulk`` (an import changed many rows: rebuild everything,
``ids`` empty), ``bulk.touched`` (told after it: the ids that changed, empty = any), ``bulk.new`` (an import added firms that hold nothing yet, ``ids`` empty).
"""

from collections.abc import Callable, Collection

Listener = Callable[[Collection[int]], None]
_listeners: dict[str, list[Listener]] = {}


def listen(kind: str, listener: Listener) -> None:
    """Call ``listener(ids)`` whenever ``kind`` is told. Registering the same function twice does nothing."""
    group = _listeners.setdefault(kind, [])
    if not any((other.__module__, other.__qualname__) == (listener.__module__, listener.__qualname__) for other in group):
        group.append(listener)


def tell(kind: str, ids: Collection[int]) -> None:
    """Run the listeners now, in the caller's transaction. ``ids`` are enterprise ids unless the kind says otherwise."""
    for listener in _listeners.get(kind, []):
        listener(ids)
