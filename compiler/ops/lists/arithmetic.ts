import { abs } from '../abs.ts';
import { acos } from '../acos.ts';
import { acosh } from '../acosh.ts';
import { add } from '../add.ts';
import { and } from '../and.ts';
import { asin } from '../asin.ts';
import { asinh } from '../asinh.ts';
import { atan } from '../atan.ts';
import { atanh } from '../atanh.ts';
import { bipolarQuant } from '../bipolar-quant.ts';
import { bitCast } from '../bit-cast.ts';
import { bitShift } from '../bit-shift.ts';
import { bitwiseAnd } from '../bitwise-and.ts';
import { bitwiseNot } from '../bitwise-not.ts';
import { bitwiseOr } from '../bitwise-or.ts';
import { bitwiseXor } from '../bitwise-xor.ts';
import { cast } from '../cast.ts';
import { ceil } from '../ceil.ts';
import { celu } from '../celu.ts';
import { clip } from '../clip.ts';
import { cos } from '../cos.ts';
import { cosh } from '../cosh.ts';
import type { OpDef } from '../define.ts';
import { dequantizeLinear } from '../dequantize-linear.ts';
import { div } from '../div.ts';
import { dropout } from '../dropout.ts';
import { dynamicQuantizeLinear } from '../dynamic-quantize-linear.ts';
import { elu } from '../elu.ts';
import { equal } from '../equal.ts';
import { erf } from '../erf.ts';
import { exp } from '../exp.ts';
import { floatQuant } from '../float-quant.ts';
import { floor } from '../floor.ts';
import { gelu } from '../gelu.ts';
import { greaterOrEqual } from '../greater-or-equal.ts';
import { greater } from '../greater.ts';
import { hardSigmoid } from '../hard-sigmoid.ts';
import { hardSwish } from '../hard-swish.ts';
import { iGelu } from '../i-gelu.ts';
import { isInf } from '../is-inf.ts';
import { isNan } from '../is-nan.ts';
import { leakyRelu } from '../leaky-relu.ts';
import { lessOrEqual } from '../less-or-equal.ts';
import { less } from '../less.ts';
import { log } from '../log.ts';
import { max } from '../max.ts';
import { mean } from '../mean.ts';
import { min } from '../min.ts';
import { mish } from '../mish.ts';
import { mod } from '../mod.ts';
import { mul } from '../mul.ts';
import { multiThreshold } from '../multi-threshold.ts';
import { neg } from '../neg.ts';
import { not } from '../not.ts';
import { or } from '../or.ts';
import { pow } from '../pow.ts';
import { prelu } from '../prelu.ts';
import { qlinearAdd } from '../qlinear-add.ts';
import { qlinearLeakyRelu } from '../qlinear-leaky-relu.ts';
import { qlinearMul } from '../qlinear-mul.ts';
import { qlinearSigmoid } from '../qlinear-sigmoid.ts';
import { quant } from '../quant.ts';
import { quantizeLinear } from '../quantize-linear.ts';
import { reciprocal } from '../reciprocal.ts';
import { relu } from '../relu.ts';
import { requantShift } from '../requant-shift.ts';
import { round } from '../round.ts';
import { selu } from '../selu.ts';
import { shrink } from '../shrink.ts';
import { sigmoid } from '../sigmoid.ts';
import { sign } from '../sign.ts';
import { sin } from '../sin.ts';
import { sinh } from '../sinh.ts';
import { softplus } from '../softplus.ts';
import { softsign } from '../softsign.ts';
import { sqrt } from '../sqrt.ts';
import { sub } from '../sub.ts';
import { sum } from '../sum.ts';
import { swiglu } from '../swiglu.ts';
import { swish } from '../swish.ts';
import { tan } from '../tan.ts';
import { tanh } from '../tanh.ts';
import { thresholdedRelu } from '../thresholded-relu.ts';
import { truncQuant } from '../trunc-quant.ts';
import { where } from '../where.ts';
import { xor } from '../xor.ts';

/** Element by element: arithmetic, comparison, logic, bits, conversion and quantisation. */
export const arithmetic: readonly OpDef[] = [
  ...[
    add,
    sub,
    mul,
    div,
    pow,
    mod,
    neg,
    abs,
    sign,
    sqrt,
    exp,
    log,
    reciprocal,
    floor,
    ceil,
    round,
    erf,
    min,
    max,
    sum,
    mean,
  ],
  ...[sin, cos, tan, asin, acos, atan, sinh, cosh, tanh, asinh, acosh, atanh],
  ...[
    relu,
    leakyRelu,
    prelu,
    elu,
    celu,
    selu,
    thresholdedRelu,
    sigmoid,
    hardSigmoid,
    hardSwish,
    swish,
    swiglu,
    mish,
    softplus,
    softsign,
    shrink,
    gelu,
    clip,
    dropout,
  ],
  ...[equal, greater, greaterOrEqual, less, lessOrEqual, and, or, xor, not, isNan, isInf, where],
  ...[bitShift, bitwiseAnd, bitwiseOr, bitwiseXor, bitwiseNot, cast, bitCast],
  ...[
    quantizeLinear,
    dequantizeLinear,
    dynamicQuantizeLinear,
    qlinearAdd,
    qlinearMul,
    qlinearSigmoid,
    qlinearLeakyRelu,
  ],
  ...[quant, bipolarQuant, truncQuant, floatQuant, multiThreshold, requantShift, iGelu],
];
