import { numbers, type Tensor } from '../../tensor/tensor.ts';
import { build, zeros } from '../../tensor/tensor.ts';
import {
  isReversed,
  recurrentTypes,
  type RecurrentAttrs,
  type RecurrentOperands,
  type RecurrentSizes,
} from './recurrent.ts';

/** What one step of a cell works on: one batch element in one direction. */
export interface CellStep {
  readonly direction: number;
  /** Sums W x + Wb of all gates, before the recurrent part. */
  readonly sums: Float64Array;
  readonly hidden: Float64Array;
  readonly cell: Float64Array;
}

/** Weights of a cell as numbers. */
export class CellWeights {
  readonly r: ArrayLike<number>;
  readonly bias: ArrayLike<number> | undefined;
  readonly #s: RecurrentSizes;
  readonly #gates: number;

  constructor(o: RecurrentOperands<Tensor>, s: RecurrentSizes, gates: number) {
    this.r = numbers(o.r);
    this.bias = o.bias && numbers(o.bias);
    this.#s = s;
    this.#gates = gates;
  }

  /** Sum over the hidden units of one row of R. */
  recur(direction: number, row: number, hidden: Float64Array): number {
    const h = this.#s.hidden;
    const start = (direction * this.#gates * h + row) * h;
    let sum = 0;
    for (let k = 0; k < h; k++) sum += this.r[start + k]! * hidden[k]!;
    return sum;
  }

  /** The recurrent bias of a row. */
  recurBias(direction: number, row: number): number {
    const rows = this.#gates * this.#s.hidden;
    return this.bias ? this.bias[direction * 2 * rows + rows + row]! : 0;
  }
}

/**
 * Runs a cell over its sequences: for each direction and batch element, `step` brings `hidden` and `cell` one step on.
 * Answers all hidden states, the last hidden state and the last cell state. Positions past the end of a sequence are 0.
 */
export function runCell(
  o: RecurrentOperands<Tensor>,
  attrs: RecurrentAttrs,
  s: RecurrentSizes,
  gates: number,
  step: (at: CellStep) => void,
): [Tensor, Tensor, Tensor] {
  const [x, w, bias] = [numbers(o.x), numbers(o.w), o.bias && numbers(o.bias)];
  const { time, batch, inputs, hidden: h, directions, batchFirst } = s;
  const rows = gates * h;
  const lengths = o.sequenceLens && numbers(o.sequenceLens);
  const all = new Float64Array(time * directions * batch * h);
  const [lastHidden, lastCell] = [new Float64Array(directions * batch * h), new Float64Array(directions * batch * h)];
  const { round } = o.x.format;
  for (let d = 0; d < directions; d++) {
    for (let b = 0; b < batch; b++) {
      const place = (batchFirst ? b * directions + d : d * batch + b) * h;
      const start = (t: Tensor | undefined): Float64Array => {
        const values = t && numbers(t);
        return Float64Array.from({ length: h }, (_, k) => (values ? values[place + k]! : 0));
      };
      const at: CellStep = {
        direction: d,
        sums: new Float64Array(rows),
        hidden: start(o.initialHidden),
        cell: start(o.initialCell),
      };
      const length = Math.min(time, lengths ? lengths[b]! : time);
      for (let n = 0; n < length; n++) {
        const t = isReversed(attrs, d) ? length - 1 - n : n;
        const from = (batchFirst ? b * time + t : t * batch + b) * inputs;
        for (let row = 0; row < rows; row++) {
          let sum = bias ? bias[d * 2 * rows + row]! : 0;
          const weights = (d * rows + row) * inputs;
          for (let i = 0; i < inputs; i++) sum += w[weights + i]! * x[from + i]!;
          at.sums[row] = sum;
        }
        step(at);
        // States are kept in the element type between steps, as a machine would.
        for (let k = 0; k < h; k++) {
          at.hidden[k] = round(at.hidden[k]!);
          at.cell[k] = round(at.cell[k]!);
        }
        all.set(at.hidden, (batchFirst ? (b * time + t) * directions + d : (t * directions + d) * batch + b) * h);
      }
      lastHidden.set(at.hidden, place);
      lastCell.set(at.cell, place);
    }
  }
  const types = recurrentTypes(o.x, s);
  const make = (type: { shape: readonly number[] }, values: Float64Array): Tensor =>
    values.length === 0 ? zeros(o.x.format, type.shape) : build(o.x.format, type.shape, (i) => values[i]!);
  return [make(types.all, all), make(types.last, lastHidden), make(types.last, lastCell)];
}
