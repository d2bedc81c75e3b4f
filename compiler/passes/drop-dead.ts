import { rulePass } from '../ir/rewrite.ts';
import { absent } from '../ir/types.ts';

/** Ops whose results nobody reads, constants among them. */
export const dropDead = rulePass({
  name: 'drop-dead',
  doc: 'Ops that no output of the graph depends on are removed.',
  rule(op, { users, isOutput, replace }) {
    const isNeeded = op.outputs.some((id) => id !== absent && (isOutput(id) || users(id).length > 0));
    return isNeeded ? undefined : replace([op], []);
  },
});
