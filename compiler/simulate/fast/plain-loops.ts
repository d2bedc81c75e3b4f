import type { instanceNorm } from '../../ops/instance-norm.ts';
import { momentsOf } from '../../ops/kit/moments.ts';
import { sizeOf, tensor, type Tensor } from '../../tensor/tensor.ts';

// Ops whose reference spends most of its time on calling a function per element: the same arithmetic in plain loops,
// and so the same bits.

export function fastRelu(x: Tensor): Tensor {
  const data = Float32Array.from(x.data as Float32Array);
  for (let i = 0; i < data.length; i++) if (data[i]! < 0) data[i] = 0;
  return tensor(x.format, x.shape, data);
}

/** Scaling and shifting round to 32 bits one after the other, as the reference does. */
export function fastInstanceNorm(
  x: Tensor,
  scale: Tensor,
  bias: Tensor,
  { epsilon }: ReturnType<typeof instanceNorm.attrsOf>,
): Tensor {
  const values = x.data as Float32Array;
  const count = sizeOf(x.shape.slice(2));
  const out = new Float32Array(values.length);
  for (let start = 0, plane = 0; start < values.length; start += count, plane++) {
    const { mean, inverse } = momentsOf(values, start, count, epsilon);
    const channel = plane % x.shape[1]!;
    const [s, b] = [Number(scale.data[channel]), Number(bias.data[channel])];
    for (let i = start; i < start + count; i++) out[i] = Math.fround((values[i]! - mean) * inverse * s) + b;
  }
  return tensor(x.format, x.shape, out);
}
