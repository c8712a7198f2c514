"""What happens here when something happens in another domain: what is learnt, and who is told.

`people` learns how users are reached and who works where; `account` and `shop` start workflows, `letters` has
those sent that open accounts. The names of consumers are kept: the inbox remembers by them what was done.
"""

from __future__ import annotations

from subgraphs.notifications.consumers.account import ACCOUNT
from subgraphs.notifications.consumers.letters import LETTERS
from subgraphs.notifications.consumers.people import PEOPLE
from subgraphs.notifications.consumers.shop import SHOP

CONSUMERS = (*PEOPLE, *ACCOUNT, *LETTERS, *SHOP)
