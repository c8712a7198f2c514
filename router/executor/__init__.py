"""Runs a plan against subgraphs: plan and variables in, merged data and errors out.

Steps: start every fetch as soon as those it comes after have arrived (`run`), send it (`transport`),
represent entities and merge what comes back (`merge`). The merged data holds more than the client asked for
and keys of our own; projecting it is the next room's work. It must not plan, and one failed fetch never
stops another.
"""

from router.executor.run.execute import ExecutedPlan, FetchContext, execute_plan
from router.executor.run.parts import ArrivedParts, execute_in_parts

__all__ = ["ArrivedParts", "ExecutedPlan", "FetchContext", "execute_in_parts", "execute_plan"]
