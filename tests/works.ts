import type { ValueId } from '../compiler/ir/types.ts';
import { formats, type Net } from './networks.ts';

/** One op on machines: every access pattern that families meet. `batch` inputs at once. */
export interface WorkCase {
  readonly name: string;
  readonly build: (n: Net, batch: number) => ValueId;
  /** False where the batch has no place in the op. */
  readonly hasBatch?: false;
}

const { i64 } = formats;

export const workCases: readonly WorkCase[] = [
  {
    name: 'conv 3x3',
    build: (n, b) => n.op('conv', [n.x([b, 16, 28, 28]), n.w([32, 16, 3, 3]), n.w([32])], { pads: [1, 1, 1, 1] }),
  },
  {
    name: 'conv of primes',
    build: (n, b) => n.op('conv', [n.x([b, 13, 31, 17]), n.w([37, 13, 5, 3])], { strides: [2, 3] }),
  },
  { name: 'conv 1x1 of one pixel', build: (n, b) => n.op('conv', [n.x([b, 1, 1, 1]), n.w([1, 1, 1, 1])]) },
  {
    name: 'conv, wide',
    build: (n, b) => n.op('conv', [n.x([b, 256, 14, 14]), n.w([512, 256, 3, 3])], { pads: [1, 1, 1, 1] }),
  },
  {
    name: 'depthwise',
    build: (n, b) =>
      n.op('conv', [n.x([b, 64, 28, 28]), n.w([64, 1, 3, 3]), n.w([64])], { group: 64, pads: [1, 1, 1, 1] }),
  },
  {
    name: 'depthwise with two filters a channel',
    build: (n, b) => n.op('conv', [n.x([b, 24, 19, 19]), n.w([48, 1, 5, 5])], { group: 24 }),
  },
  { name: 'grouped', build: (n, b) => n.op('conv', [n.x([b, 32, 14, 14]), n.w([64, 8, 3, 3])], { group: 4 }) },
  {
    name: 'dilated',
    build: (n, b) => n.op('conv', [n.x([b, 8, 33, 33]), n.w([8, 8, 3, 3])], { dilations: [4, 4], pads: [4, 4, 4, 4] }),
  },
  { name: 'conv 1-D', build: (n, b) => n.op('conv', [n.x([b, 20, 101]), n.w([40, 20, 7])], { pads: [3, 3] }) },
  { name: 'conv 3-D', build: (n, b) => n.op('conv', [n.x([b, 4, 9, 11, 13]), n.w([8, 4, 3, 3, 3])]) },
  {
    name: 'transposed conv',
    build: (n, b) =>
      n.op('conv-transpose', [n.x([b, 16, 14, 14]), n.w([16, 8, 4, 4]), n.w([8])], {
        strides: [2, 2],
        pads: [1, 1, 1, 1],
      }),
  },
  { name: 'matmul', build: (n, b) => n.op('matmul', [n.x([b, 64, 96]), n.w([96, 128])]) },
  { name: 'matmul of activations', build: (n, b) => n.op('matmul', [n.x([b, 4, 49, 32]), n.x([b, 4, 32, 49])]) },
  { name: 'matmul, one shared factor', build: (n, b) => n.op('matmul', [n.x([b, 7, 5, 3]), n.x([3, 11])]) },
  { name: 'inner product', build: (n) => n.op('matmul', [n.x([97]), n.x([97])]), hasBatch: false },
  {
    name: 'gemm of one row',
    build: (n, b) => n.op('gemm', [n.x([b, 1024]), n.w([1000, 1024]), n.w([1000])], { transB: true }),
  },
  { name: 'gemm, large', build: (n, b) => n.op('gemm', [n.x([128 * b, 768]), n.w([768, 768])]) },
  { name: 'softmax', build: (n, b) => n.op('softmax', [n.x([b, 8, 50, 50])]) },
  { name: 'layer norm', build: (n, b) => n.op('layer-norm', [n.x([b, 50, 96]), n.w([96]), n.w([96])], {}) },
  {
    name: 'batch norm',
    build: (n, b) => n.op('batch-norm', [n.x([b, 24, 15, 15]), n.w([24]), n.w([24]), n.w([24]), n.w([24])]),
  },
  { name: 'add with broadcasting', build: (n, b) => n.op('add', [n.x([b, 32, 7, 7]), n.x([32, 1, 1])]) },
  { name: 'add of a scalar', build: (n, b) => n.op('add', [n.x([b, 1000]), n.w([])]) },
  { name: 'relu', build: (n, b) => n.op('relu', [n.x([b, 64, 56, 56])]) },
  { name: 'gelu', build: (n, b) => n.op('gelu', [n.x([b, 50, 384])]) },
  { name: 'sigmoid of one element', build: (n) => n.op('sigmoid', [n.x([1])]), hasBatch: false },
  { name: 'gather', build: (n, b) => n.op('gather', [n.w([3000, 64]), n.x([b, 20], i64)]) },
  { name: 'transpose', build: (n, b) => n.op('transpose', [n.x([b, 16, 32, 8])], { perm: [0, 2, 3, 1] }) },
  { name: 'reshape', build: (n, b) => n.op('reshape', [n.x([b, 16, 4]), n.wholes([b, 64])]) },
  { name: 'concat', build: (n, b) => n.op('concat', [n.x([b, 16, 9]), n.x([b, 7, 9])], { axis: 1 }) },
  {
    name: 'max pool',
    build: (n, b) => n.op('max-pool', [n.x([b, 32, 28, 28])], { kernel: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] }),
  },
  {
    name: 'average pool',
    build: (n, b) => n.op('average-pool', [n.x([b, 32, 28, 28])], { kernel: [2, 2], strides: [2, 2] }),
  },
  { name: 'global average pool', build: (n, b) => n.op('global-average-pool', [n.x([b, 96, 7, 7])]) },
  {
    name: 'resize',
    build: (n, b) => n.op('resize', [n.x([b, 8, 12, 12]), null, null, n.wholes([b, 8, 24, 24])], { mode: 'nearest' }),
  },
  { name: 'lstm', build: (n, b) => n.op('lstm', [n.x([12, b, 24]), n.w([1, 128, 24]), n.w([1, 128, 32])]) },
  {
    name: 'attention',
    build: (n, b) => n.op('attention', [n.x([b, 4, 32, 16]), n.x([b, 4, 32, 16]), n.x([b, 4, 32, 16])]),
  },
  {
    name: 'non-max suppression',
    build: (n, b) => n.op('non-max-suppression', [n.x([b, 200, 4]), n.x([b, 5, 200]), n.wholes([50], [])]),
  },
  { name: 'top-k', build: (n, b) => n.op('top-k', [n.x([b, 300]), n.wholes([10])], {}, 2) },
  {
    name: 'a residual block',
    build: (n, b) => {
      const x = n.x([b, 32, 16, 16]);
      const conv = (v: ValueId): ValueId => n.op('conv', [v, n.w([32, 32, 3, 3]), n.w([32])], { pads: [1, 1, 1, 1] });
      return n.op('relu', [n.op('add', [x, conv(n.op('relu', [conv(x)]))])]);
    },
  },
];
