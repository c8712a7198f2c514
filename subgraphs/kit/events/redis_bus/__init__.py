"""The bus on Redis Streams; Redis 6.2 or newer.

A topic is one stream, which is its log too; a service is a consumer group on it. Names, for the topic `order`
and the service `notifications` (others may read the first two):

    zellige:events:order                       stream; fields type, subject, tenant, event (CloudEvents JSON)
    zellige:events:order:floor                 everything before this entry id may be trimmed away
    zellige:events:order:seen:<id>:<edition>   was published; expires
    zellige:events:order:lease:notifications   which receiver is given the group's entries; expires
    zellige:events:order:dead:notifications    stream of dead letters
    zellige:events:order:again:notifications   stream of dead letters handed out again
    zellige:events:topics                      set of all topics

Redis must keep what it was given: `appendonly yes`, `maxmemory-policy noeviction`.
Files: `keys` and `scripts`, `lease`, `receiver` (groups), `log` (positions), `dead_letters`, `upkeep`, `bus`.
"""
