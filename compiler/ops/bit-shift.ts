import { call } from '../../hw-models/work/build.ts';
import { choice } from './attrs.ts';
import { binaryOp } from './kit/elementwise.ts';

/** Bits moved left or right; what leaves the format is lost, and 0 comes in. */
export const bitShift = binaryOp('bit-shift', {
  doc: 'a shifted by b bits, with broadcasting.',
  onnx: { type: 'BitShift', since: 11 },
  accepts: 'int',
  attrs: { direction: choice('where the bits go', ['LEFT', 'RIGHT']) },
  evaluate: (a, b, { direction }) => (direction === 'LEFT' ? a * 2 ** b : Math.floor(a / 2 ** b)),
  big: (a, b, { direction }) => {
    if (b > 63n) return 0n;
    return direction === 'LEFT' ? a << b : a >> b;
  },
  point: (a, b, { direction }) => call(direction === 'LEFT' ? 'shiftleft' : 'shiftright', a, b),
  examples: [
    { a: 'u8[3] 16 4 255', b: 'u8[3] 1 2 4', attrs: { direction: 'LEFT' }, out: 'u8[3] 32 16 240' },
    { a: 'u32[3] 16 4 1', b: 'u32[1] 2', attrs: { direction: 'RIGHT' }, out: 'u32[3] 4 1 0' },
    { a: 'u64[2] 1 3', b: 'u64[2] 40 33', attrs: { direction: 'LEFT' }, out: 'u64[2] 1099511627776 25769803776' },
  ],
});
