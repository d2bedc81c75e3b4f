import { axisLoops, at, call, nest, read, value } from '../../hw-models/work/build.ts';
import { asContraction } from '../../hw-models/work/contraction.ts';
import type { Access, Nest, NumberFormat, Operand, Step, Work } from '../../hw-models/work/types.ts';
import { f32, i32, isFloat } from '../formats/index.ts';
import { requantises, type Precision } from './precision.ts';

const nestsOf = (steps: readonly Step[]): Nest[] =>
  steps.flatMap((s) => (s.kind === 'nest' ? [s] : s.kind === 'repeat' ? nestsOf(s.body) : []));

/** Format of a stored tensor under a precision: only floats change. */
export function storedFormat(format: NumberFormat, isWeight: boolean, precision: Precision): NumberFormat {
  const target = isWeight ? precision.weights : precision.activations;
  return format.kind === 'float' && target ? target : format;
}

/**
 * A work as it runs under a precision: its float operands change format, sums of products are kept in 32 bits, and
 * results of integer products get a step that brings them back to the stored format (one multiplication, rounding and
 * two comparisons an element).
 * @param biases weights that are only added: kept in 32 bits beside integer products
 */
export function applyPrecision(work: Work, precision: Precision): Work {
  if (precision.activations === undefined) return work;
  const isInt = requantises(precision);
  const products = nestsOf(work.steps).filter((n) => asContraction(n, work.operands));
  const factors = new Set(products.flatMap((n) => n.reads.map((r) => r.operand)));
  const sums = isInt
    ? new Set(
        products
          .map((n) => n.write.operand)
          .filter((o) => work.operands[o]?.role === 'output' && isFloat(work.operands[o].format)),
      )
    : new Set<string>();

  const operands: Record<string, Operand> = {};
  for (const [name, o] of Object.entries(work.operands)) {
    const isWeight = o.role === 'weight' || o.role === 'table';
    const wide =
      o.format.kind === 'float' &&
      ((o.role === 'scratch' && products.length > 0) || (isWeight && products.length > 0 && !factors.has(name)));
    operands[name] = { ...o, format: wide ? (isInt ? i32 : f32) : storedFormat(o.format, isWeight, precision) };
  }
  if (sums.size === 0) return { ...work, operands };
  const renamed = (name: string): string => (sums.has(name) ? `${name}~sum` : name);
  const access = (a: Access): Access => ({ ...a, operand: renamed(a.operand) });
  const step = (s: Step): Step => {
    if (s.kind === 'nest') return { ...s, reads: s.reads.map(access), write: access(s.write) };
    if (s.kind === 'repeat') return { ...s, body: s.body.map(step) };
    return s;
  };
  const narrowing: Step[] = [];
  for (const name of sums) {
    const out = operands[name]!;
    operands[`${name}~sum`] = { role: 'scratch', format: i32, shape: out.shape };
    narrowing.push(requantise(name, out));
  }
  return { operands, steps: [...work.steps.map(step), ...narrowing] };
}

/** out = clip(round(sum * scale)); to one bit, a comparison with a threshold. */
function requantise(name: string, out: Operand): Nest {
  const loops = axisLoops('q', out.shape);
  const where = loops.map((l) => l.name);
  const x = read(0);
  const compute =
    out.format.bits === 1 || out.format.kind === 'bipolar'
      ? call('ge', x, 0)
      : call('min', call('max', call('round', call('mul', x, value(1))), -1), 1);
  return {
    ...nest({ loops, reads: [at(`${name}~sum`, ...where)], write: at(name, ...where), compute }),
    writeBack: true,
  };
}
