import { call } from '../../../hw-models/work/build.ts';
import type { Scalar } from '../../../hw-models/work/types.ts';
import type { Format } from '../../formats/index.ts';

/** A step computed in a float format: the expression with its result rounded to it. */
export function roundedTo(format: Format, x: Scalar): Scalar {
  switch (format.name) {
    case 'f32':
      return call('tof32', x);
    case 'f16':
      return call('tof16', x);
    case 'bf16':
      return call('tobf16', x);
    default:
      return x;
  }
}
