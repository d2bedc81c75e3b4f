import { noWork } from '../../hw-models/work/build.ts';
import { InternalError } from '../../src/base/diagnostics.ts';
import { defineOp } from './define.ts';

/** A constant of the graph. Its elements stand in `graph.consts`, so it is never evaluated as an op. */
export const constant = defineOp('const', {
  doc: 'A weight or other constant.',
  operands: [],
  infer: () => [],
  evaluate: () => {
    throw new InternalError('the elements of a const are in graph.consts');
  },
  work: () => noWork,
  examples: [],
});
