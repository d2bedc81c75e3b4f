import type { Scalar } from '../../../hw-models/work/types.ts';
import { broadcast } from '../../tensor/shape.ts';
import type { AttrSpecs, AttrsOf } from '../attrs.ts';
import { defineOp, type Example, type TypedOpDef } from '../define.ts';
import { checkQuantised, evaluateQuantised, quantisedWork } from './qlinear.ts';

interface Described {
  readonly doc: string;
  /** ONNX operator of the domain com.microsoft. */
  readonly type: string;
  readonly examples: readonly Example[];
}

export interface QuantisedUnary<Specs extends AttrSpecs> extends Described {
  readonly attrs?: Specs;
  readonly evaluate: (x: number, attrs: AttrsOf<Specs>) => number;
  readonly point: (x: Scalar, attrs: AttrsOf<Specs>) => Scalar;
}

/** A function of quantised numbers, quantised again (com.microsoft.QLinear...). */
export const quantisedUnary = <Specs extends AttrSpecs = Record<never, never>>(
  kind: string,
  { doc, type, attrs, evaluate, point, examples }: QuantisedUnary<Specs>,
): TypedOpDef<Specs> =>
  defineOp<readonly ['x', 'xScale', 'xZero?', 'scale', 'zero?'], Specs>(kind, {
    doc,
    onnx: { type, domains: ['com.microsoft'] },
    operands: ['x', 'xScale', 'xZero?', 'scale', 'zero?'],
    ...(attrs ? { attrs } : {}),
    infer: ({ x, xScale, xZero, scale, zero }) => {
      checkQuantised(kind, [{ codes: x, scale: xScale, zero: xZero }], { scale, zero });
      return { format: x.format, shape: x.shape };
    },
    evaluate: ({ x, xScale, xZero, scale, zero }, values) =>
      evaluateQuantised(x.shape, [{ codes: x, scale: xScale, zero: xZero }], { scale, zero }, ([v]) =>
        evaluate(v!, values),
      ),
    work: ({ x, xScale, xZero, scale, zero }, values, { out }) =>
      quantisedWork(
        [{ codes: ['x', x], scale: ['xScale', xScale], zero: xZero && ['xZero', xZero] }],
        { scale: ['scale', scale], zero: zero && ['zero', zero] },
        out[0]!,
        ([v]) => point(v!, values),
      ),
    examples,
  });

export interface QuantisedBinary extends Described {
  readonly evaluate: (a: number, b: number) => number;
  readonly point: (a: Scalar, b: Scalar) => Scalar;
}

/** A function of two quantised tensors with broadcasting, quantised again (com.microsoft.QLinear...). */
export const quantisedBinary = (
  kind: string,
  { doc, type, evaluate, point, examples }: QuantisedBinary,
): TypedOpDef<Record<never, never>> =>
  defineOp(kind, {
    doc,
    onnx: { type, domains: ['com.microsoft'] },
    operands: ['a', 'aScale', 'aZero?', 'b', 'bScale', 'bZero?', 'scale', 'zero?'],
    infer: ({ a, aScale, aZero, b, bScale, bZero, scale, zero }) => {
      checkQuantised(
        kind,
        [
          { codes: a, scale: aScale, zero: aZero },
          { codes: b, scale: bScale, zero: bZero },
        ],
        { scale, zero },
      );
      return { format: a.format, shape: broadcast(a.shape, b.shape) };
    },
    evaluate: ({ a, aScale, aZero, b, bScale, bZero, scale, zero }) => {
      const inputs = [
        { codes: a, scale: aScale, zero: aZero },
        { codes: b, scale: bScale, zero: bZero },
      ];
      return evaluateQuantised(broadcast(a.shape, b.shape), inputs, { scale, zero, shiftsFirst: true }, ([p, q]) =>
        evaluate(p!, q!),
      );
    },
    work: ({ a, aScale, aZero, b, bScale, bZero, scale, zero }, _, { out }) =>
      quantisedWork(
        [
          { codes: ['a', a], scale: ['aScale', aScale], zero: aZero && ['aZero', aZero] },
          { codes: ['b', b], scale: ['bScale', bScale], zero: bZero && ['bZero', bZero] },
        ],
        { scale: ['scale', scale], zero: zero && ['zero', zero], shiftsFirst: true },
        out[0]!,
        ([p, q]) => point(p!, q!),
      ),
    examples,
  });
