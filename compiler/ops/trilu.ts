import { at, axisLoops, call, loopValue, nest, read, work } from '../../hw-models/work/build.ts';
import type { TensorType } from '../ir/types.ts';
import { allocate, scalarOf, sizeOf, tensor } from '../tensor/tensor.ts';
import { flag } from './attrs.ts';
import { defineOp } from './define.ts';
import { operandOf } from './kit/elementwise.ts';
import { misfit, single } from './kit/layout.ts';

function check(x: TensorType, k: TensorType | undefined): void {
  if (x.shape.length < 2) misfit('Trilu needs matrices', `the input has ${x.shape.length} axes`);
  if (k && sizeOf(k.shape) !== 1)
    misfit('the diagonal of Trilu is no single number', `it has ${sizeOf(k.shape)} elements`);
}

/** The part of each matrix on and above (or below) diagonal k; zeros elsewhere. */
export const trilu = defineOp('trilu', {
  doc: 'The upper or lower triangle of matrices.',
  onnx: { type: 'Trilu', since: 14 },
  operands: ['x', 'k?'],
  attrs: { upper: flag('keeps what is above the diagonal; else what is below', true) },
  infer: ({ x, k }) => {
    check(x, k);
    return { format: x.format, shape: x.shape };
  },
  evaluate: ({ x, k }, { upper }) => {
    check(x, k);
    const [rows, columns] = x.shape.slice(-2) as [number, number];
    const diagonal = k ? scalarOf(k) : 0;
    const data = allocate(x.format, sizeOf(x.shape)) as Float32Array; // one type stands for all
    const from = x.data as Float32Array;
    for (let start = 0, row = 0; start < data.length; start += columns, row = (row + 1) % rows) {
      const place = row + diagonal;
      const first = upper ? Math.min(columns, Math.max(0, place)) : 0;
      const end = upper ? columns : Math.min(columns, Math.max(0, place + 1));
      data.set(from.subarray(start + first, start + end), start + first);
    }
    return tensor(x.format, x.shape, data);
  },
  work: ({ x, k }, { upper }, { out }) => {
    const loops = axisLoops('i', x.shape);
    const names = loops.map((l) => l.name);
    const [row, column] = names.slice(-2) as [string, string];
    const diagonal = k ? call('add', loopValue(row), read(1)) : loopValue(row);
    return work(
      { x: operandOf(x), ...(k ? { k: operandOf(k) } : {}), out: operandOf(out[0]!, 'output') },
      nest({
        loops,
        reads: [at('x', ...names), ...(k ? [single('k', k)] : [])],
        write: at('out', ...names),
        compute: call('select', call(upper ? 'ge' : 'le', loopValue(column), diagonal), read(0), 0),
      }),
    );
  },
  examples: [
    { x: 'f32[3,3] 1 2 3 4 5 6 7 8 9', out: 'f32[3,3] 1 2 3 0 5 6 0 0 9' },
    { x: 'i64[2,3] 1 2 3 4 5 6', k: 'i64[] 1', attrs: { upper: false }, out: 'i64[2,3] 1 2 0 4 5 6' },
    { x: 'u8[2,3,2] ~1', k: 'i64[1] -1' },
    { x: 'f32[2,2] 1 2 3 4', k: 'i64[] -7', attrs: { upper: false }, out: 'f32[2,2] 0 0 0 0' },
  ],
});
