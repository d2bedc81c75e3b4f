import { i64 } from '../formats/index.ts';
import { rulePass } from '../ir/rewrite.ts';
import { fromNumbers } from '../tensor/tensor.ts';
import { isSettled, sameShape } from './kit/known.ts';

const reshapes = new Set(['reshape', 'flatten', 'squeeze', 'unsqueeze']);

/** Only the first input and the last shape of a chain of reshapes matter. */
export const mergeReshapes = rulePass({
  name: 'merge-reshapes',
  doc: 'Of a chain of reshape, flatten, squeeze and unsqueeze one reshape is left, or nothing.',
  rule(last, { producer, typeOf, alias, replace, constant }) {
    if (!reshapes.has(last.kind)) return;
    const first = producer(last.inputs[0]);
    if (!first || !reshapes.has(first.kind)) return;
    const [source, out] = [first.inputs[0]!, last.outputs[0]!];
    const [from, to] = [typeOf(source), typeOf(out)];
    if (!isSettled(from) || !isSettled(to)) return;
    if (sameShape(from.shape, to.shape)) return alias(out, source);
    const target = constant(`${out}/shape`, fromNumbers(i64, [to.shape.length], to.shape), []);
    return replace(
      [last],
      [{ kind: 'reshape', inputs: [source, target], outputs: [out], attrs: { allowZero: to.shape.includes(0) } }],
    );
  },
});
