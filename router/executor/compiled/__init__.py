"""Executes a plan as generated code: plan and output selection in, the bytes of `data` out.

Compiling, once per plan (`compile`): grow the shapes of the objects that stand at each position of merged
data, with what each fetch brings (`shape`, `grow`); find objects that several positions share (`cohorts`);
make one msgspec Struct type for each shape, so that decoding validates and encoding projects, both in C
(`structs`); generate the code that represents entities and merges rows (`emit_represent`, `emit_visits`,
`emit_setting`); prepare the requests' bytes (`requests`).

Running (`run`): each fetch starts as soon as those it comes after have arrived.

Only clean answers are finished here. Whatever is not plainly right - an error, a null where none may be, a
value of another type, an entity that cannot be represented - makes the run give up with what it was answered
so far; the interpreting executor takes over from there, asks nothing twice, and remains the one place that
knows what to do about each. Plans with what is rare (values from around an object, objects that learn their
type after they came, answers in parts) are not compiled at all.
"""

from router.executor.compiled.compile import CompiledPlan, compile_plan
from router.executor.compiled.run import CompiledRun, run_compiled

__all__ = ["CompiledPlan", "CompiledRun", "compile_plan", "run_compiled"]
