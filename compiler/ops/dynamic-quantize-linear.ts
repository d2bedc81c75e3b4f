import { at, axisLoops, call, nest, read, work } from '../../hw-models/work/build.ts';
import type { Scalar } from '../../hw-models/work/types.ts';
import { f32, roundHalfEven, u8 } from '../formats/index.ts';
import { build, numbers, type Tensor } from '../tensor/tensor.ts';
import { defineOp } from './define.ts';
import { mustBe } from './kit/accepts.ts';
import { operandOf } from './kit/elementwise.ts';

const codes = 255;
const held = (x: number): number => Math.min(codes, Math.max(0, x));

/** Scale and zero point that spread the range of x, with 0 in it, over the codes. Each step is in 32 bits. */
function spread(values: ArrayLike<number>): { scale: number; zero: number } {
  let [low, high] = [0, 0];
  for (let i = 0; i < values.length; i++) {
    low = Math.min(low, values[i]!);
    high = Math.max(high, values[i]!);
  }
  // Where all is 0 any scale will do; 1 is what runtimes take.
  const scale = high === low ? 1 : Math.fround(Math.fround(high - low) / codes);
  return { scale, zero: roundHalfEven(held(Math.fround(-low / scale))) };
}

/** Codes of 8 bits for x, with the scale and zero point worked out from x itself. */
export const dynamicQuantizeLinear = defineOp('dynamic-quantize-linear', {
  doc: 'x as unsigned bytes, with the scale and zero point that its range asks for.',
  onnx: { type: 'DynamicQuantizeLinear', since: 11 },
  operands: ['x'],
  outputs: ['y', 'scale', 'zeroPoint'],
  infer: ({ x }) => {
    mustBe('dynamic-quantize-linear', 'float', x);
    return [
      { format: u8, shape: x.shape },
      { format: f32, shape: [] },
      { format: u8, shape: [] },
    ];
  },
  evaluate: ({ x }): Tensor[] => {
    const values = numbers(x);
    const { scale, zero } = spread(values);
    const code = (v: number): number => held(roundHalfEven(Math.fround(v / scale)) + zero);
    return [build(u8, x.shape, (i) => code(values[i]!)), build(f32, [], () => scale), build(u8, [], () => zero)];
  },
  work: ({ x }, _, { out }) => {
    const loops = axisLoops('i', x.shape);
    const here = loops.map((l) => l.name);
    const clamp = (e: Scalar): Scalar => call('min', call('max', e, 0), codes);
    const range = call('tof32', call('sub', read(1), read(0)));
    const zero = call('round', clamp(call('tof32', call('div', call('neg', read(0)), read(1)))));
    const scalar = { format: f32, shape: [] };
    // The extremes start from 0, which the range must hold.
    const extreme = (name: 'low' | 'high', combine: 'min' | 'max') => [
      nest({ loops: [], write: at(name), compute: { value: 0 } }),
      nest({ loops, reads: [at('x', ...here)], write: at(name), combine, start: 'kept' as const, compute: read(0) }),
    ];
    return work(
      {
        x: operandOf(x),
        low: operandOf(scalar, 'scratch'),
        high: operandOf(scalar, 'scratch'),
        y: operandOf(out[0]!, 'output'),
        scale: operandOf(out[1]!, 'output'),
        zeroPoint: operandOf(out[2]!, 'output'),
      },
      ...extreme('low', 'min'),
      ...extreme('high', 'max'),
      nest({
        loops: [],
        reads: [at('low'), at('high')],
        write: at('scale'),
        compute: call('select', call('eq', read(0), read(1)), 1, call('tof32', call('div', range, codes))),
      }),
      nest({ loops: [], reads: [at('low'), at('scale')], write: at('zeroPoint'), compute: zero }),
      nest({
        loops,
        reads: [at('x', ...here), at('scale'), at('zeroPoint')],
        write: at('y', ...here),
        compute: clamp(call('add', call('round', call('tof32', call('div', read(0), read(1)))), read(2))),
      }),
    );
  },
  examples: [
    {
      x: 'f32[6] 0 2 -3 -2.5 1.34 0.5',
      y: 'u8[6] 153 255 0 26 221 179',
      scale: 'f32[] 0.019607844',
      zeroPoint: 'u8[] 153',
    },
    { x: 'f32[2] 0 0', y: 'u8[2] 0 0', scale: 'f32[] 1', zeroPoint: 'u8[] 0' },
    { x: 'f32[4] -1 -2.1 -1.3 -2.5', y: 'u8[4] 153 41 122 0', scale: 'f32[] 0.009803922', zeroPoint: 'u8[] 255' },
  ],
});
