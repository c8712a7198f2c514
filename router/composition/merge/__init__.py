"""From subgraphs side by side to one schema.

In: the `view` of all subgraphs, with its indexes. Out: the `model` of the merged schema, every element with
the facts of where it comes from. A file per kind of thing merged: output types by union, inputs by
intersection. It reports nothing: what cannot be merged is found by the rules, which read the same view.
"""
