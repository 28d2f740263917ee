-- A trigger on INSERT costs as much as the insert itself. These two were there because INSERT OR
-- REPLACE deletes what is in its way without asking the trigger on DELETE. It asks where
-- recursive_triggers is on, as on every connection of ours; a hand that has it off could as well
-- drop a trigger, and `verify` tells what it did. That the tree grows by what comes next is looked
-- at once for all hashes of a step.

DROP TRIGGER event_is_not_replaced;

DROP TRIGGER tree_only_grows;
