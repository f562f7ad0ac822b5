"""What a settled thing rests on, and what of it has changed since.

Imports go down only, and yet what is below rests on what is above: a verification of the agreements on a statement of the
money and a report of the KPIs. So each app names its kinds of things when it starts (`registry.register`, in its
`AppConfig.ready`), and what is settled keeps kind, key and revision as text:

- `resting.record` writes what a thing rests on, in the transaction that settles it (`rests_on` of a step says it);
- `changes.load` tells what has changed since, then and now, for all of a center in a fixed number of queries;
- `settlement/answers.py` has the answer of both sides: it stands as it is, for a reason.
"""
