"""The bound on open connections to all subgraphs together.

Half of it is shared out in equal parts, a reserve for each member; the other half is for whoever needs it. So
a subgraph that answers nobody, whose connections pile up, never takes the last one from the others. Idle
connections of one member are closed when another needs their place.
"""

from __future__ import annotations

from typing import Protocol


class Member(Protocol):
    """Who holds connections under a budget; `connections` is how many."""

    connections: int

    def close_idle(self) -> bool:
        """Closes the connection that was idle longest, if any is idle; tells whether there was one."""
        ...

    def serve_line(self) -> None:
        """Gives those in line what there is room for now."""
        ...


class ConnectionBudget:
    """Counts connections; every member asks before it opens one and tells when one is closed."""

    def __init__(self, connections_max: int) -> None:
        self._max = connections_max
        self._used = 0
        self._members: list[Member] = []
        self.wanting: dict[Member, None] = {}
        """Who waits for room, in the order in which they began to."""

    @property
    def used(self) -> int:
        """How many connections are open."""
        return self._used

    def join(self, member: Member) -> None:
        """Adds a member; the reserves of all become smaller."""
        self._members.append(member)

    def leave(self, member: Member) -> None:
        """Removes a member that holds and wants nothing any more."""
        self.wanting.pop(member, None)
        if member in self._members:
            self._members.remove(member)

    def acquire(self, member: Member) -> bool:
        """Counts one more connection of `member`, unless there is no room for it.

        Then the member stays noted: `serve_line` is called when there may be room, until it wants no more.
        """
        if self._has_room(member) or (self._make_room(member) and self._has_room(member)):
            self._used += 1
            member.connections += 1
            return True
        self.wanting[member] = None
        return False

    def release(self, member: Member) -> None:
        """Counts one connection of `member` less."""
        self._used -= 1
        member.connections -= 1
        for wanting in tuple(self.wanting):
            # Serving one may close connections of another, and so come here again: look before each.
            if wanting in self.wanting and self._has_room(wanting):
                del self.wanting[wanting]
                wanting.serve_line()  # which is noted anew if there is not room for all of its line

    def forget_want(self, member: Member) -> None:
        """Notes that nobody stands in the line of `member` any more."""
        self.wanting.pop(member, None)

    def exceeds_reserve(self, member: Member) -> bool:
        """Tells whether a member holds more than what is kept for it."""
        return member.connections > self._reserve()

    def _reserve(self) -> int:
        return max(1, self._max // (2 * max(1, len(self._members))))

    def _has_room(self, member: Member) -> bool:
        reserve = self._reserve()
        if member.connections < reserve:
            # With more members than connections, the reserves of one each may pass the bound by as many.
            return True
        kept = sum(max(0, reserve - other.connections) for other in self._members if other is not member)
        return self._used + kept < self._max

    def _make_room(self, member: Member) -> bool:
        # What lies within a reserve is not worth closing: its room would be kept for its owner.
        return any(
            other.close_idle()
            for other in self._members
            if other is not member and self.exceeds_reserve(other)
        )
