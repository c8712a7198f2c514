"""The router: composes Apollo Federation 2 subgraphs, plans operations over them and executes the plans.

It knows no business domain. The way of the data: request, parse, validate, normalise, plan, execute,
project, respond. Rooms import downwards only:

server > pipeline > (executor | planner | projection | composition) > cache > (graph | plan) > operation
> supergraph > federation > response > telemetry > config, errors
"""
