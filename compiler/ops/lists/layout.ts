import { centerCropPad } from '../center-crop-pad.ts';
import { compress } from '../compress.ts';
import { concat } from '../concat.ts';
import { constant } from '../const.ts';
import { constantOfShape } from '../constant-of-shape.ts';
import type { OpDef } from '../define.ts';
import { depthToSpace } from '../depth-to-space.ts';
import { einsum } from '../einsum.ts';
import { expand } from '../expand.ts';
import { eyeLike } from '../eye-like.ts';
import { flatten } from '../flatten.ts';
import { gatherElements } from '../gather-elements.ts';
import { gatherNd } from '../gather-nd.ts';
import { gather } from '../gather.ts';
import { identity } from '../identity.ts';
import { nonMaxSuppression } from '../non-max-suppression.ts';
import { nonZero } from '../non-zero.ts';
import { oneHot } from '../one-hot.ts';
import { pad } from '../pad.ts';
import { range } from '../range.ts';
import { reshape } from '../reshape.ts';
import { reverseSequence } from '../reverse-sequence.ts';
import { scatterElements } from '../scatter-elements.ts';
import { scatterNd } from '../scatter-nd.ts';
import { shape } from '../shape.ts';
import { size } from '../size.ts';
import { slice } from '../slice.ts';
import { spaceToDepth } from '../space-to-depth.ts';
import { split } from '../split.ts';
import { squeeze } from '../squeeze.ts';
import { tensorScatter } from '../tensor-scatter.ts';
import { tile } from '../tile.ts';
import { topK } from '../top-k.ts';
import { transpose } from '../transpose.ts';
import { trilu } from '../trilu.ts';
import { unique } from '../unique.ts';
import { unsqueeze } from '../unsqueeze.ts';

/** Ops that move, select and order elements. */
export const layout: readonly OpDef[] = [
  ...[constant, identity, reshape, flatten, squeeze, unsqueeze, shape, size],
  ...[
    transpose,
    concat,
    split,
    slice,
    expand,
    tile,
    pad,
    centerCropPad,
    depthToSpace,
    spaceToDepth,
    reverseSequence,
    trilu,
  ],
  ...[gather, gatherElements, gatherNd, scatterElements, scatterNd, tensorScatter],
  ...[constantOfShape, range, eyeLike, oneHot, nonZero, compress, unique, topK, nonMaxSuppression, einsum],
];
