import type { Network, Task } from '../../contract.ts';
import type { FpgaMachine } from '../../schema/machine.ts';
import type { Resources } from '../../contract.ts';
import { asContraction, type Contraction } from '../../work/contraction.ts';
import { addCounts, bytesOf, countNest, flatten, footprint, pointsOf } from '../../work/count.ts';
import type { Nest, OpCounts, OpKind, Operand } from '../../work/types.ts';
import { ceilDiv } from '../../../src/base/units.ts';
import { matrixUnit, memoryOf, none, plus } from './resources.ts';

/** One way to fold a kernel: how much is worked on at once, what it takes, and how long. */
export interface Folding {
  readonly pe: number;
  readonly simd: number;
  /** Clock cycles of one input. */
  readonly cycles: number;
  readonly resources: Resources;
}

/** A task as a kernel on streams. */
export interface Kernel {
  readonly task: Task;
  readonly index: number;
  readonly unit: 'matrix' | 'depthwise' | 'stream' | 'none';
  /** Share of its input that must be there before its first output. */
  readonly head: number;
  readonly macs: number;
  readonly weightBits: number;
  readonly precision: string;
  /** Foldings that no other beats in both cycles and resources, by falling cycles. */
  readonly foldings: (device: FpgaMachine) => readonly Folding[];
}

const divisors = (n: number): number[] => {
  const found: number[] = [];
  for (let d = 1; d * d <= n; d++) {
    if (n % d !== 0) continue;
    found.push(d);
    if (d * d !== n) found.push(n / d);
  }
  return found.sort((a, b) => a - b);
};

/** Widest stream worth building. */
const mostLanes = 4096;

/** Seen as a stream of tokens; a text says why it cannot be one. */
export function kernelOf(task: Task, index: number, network: Network): Kernel | string {
  const steps = flatten(task.work.steps);
  if (steps.length === 0)
    return {
      task,
      index,
      unit: 'none',
      head: 0,
      macs: 0,
      weightBits: 0,
      precision: '',
      foldings: () => [{ pe: 1, simd: 1, cycles: 0, resources: none }],
    };
  if (steps.some(({ step }) => step.kind === 'procedure'))
    return 'its order of accesses depends on the data, which a stream cannot follow.';
  const nests = steps.map(({ step, times }) => ({ nest: step as Nest, times: times * task.times }));
  for (const { nest } of nests)
    for (const r of [...nest.reads, nest.write])
      if (r.at.some((i) => i.terms.some((t) => 'read' in t)))
        return 'it reads at places that the data decides, which a stream cannot follow.';
  for (const { format } of Object.values(task.work.operands))
    if (format.kind === 'text' || format.kind === 'complex' || (format.kind === 'float' && format.bits > 32))
      return `the fabric has no kernels for ${format.name}.`;
  const products = nests.flatMap(({ nest, times }) => {
    const c = asContraction(nest, task.work.operands);
    return c ? [{ c, times }] : [];
  });
  const tail = nests
    .filter(({ nest }) => !asContraction(nest, task.work.operands))
    .reduce<OpCounts>((n, { nest, times }) => addCounts(n, countNest(nest, task.work.operands), times), {});
  const elements = outputElements(task);
  return products.length > 0
    ? matrixKernel(task, index, products, tail, elements, network)
    : streamKernel(task, index, nests, tail, elements);
}

const outputElements = (task: Task): number =>
  Object.values(task.work.operands).reduce(
    (n, o) => (o.role === 'output' ? n + o.shape.reduce((m, d) => m * d, 1) : n),
    0,
  ) * task.times;

interface Product {
  readonly c: Contraction;
  readonly times: number;
}

const isFloat = (o: Operand): boolean => o.format.kind === 'float';
const bitsOf = (o: Operand): number => (o.format.kind === 'bipolar' ? 1 : o.format.bits);

/** One unit takes all products of the task (the gates of a recurrent cell share it); it is folded for the largest. */
function matrixKernel(
  task: Task,
  index: number,
  products: readonly Product[],
  tail: OpCounts,
  elements: number,
  network: Network,
): Kernel {
  const size = (p: Product): number => p.c.batch * p.c.rows * p.c.columns * p.c.sums * p.times;
  const main = products.reduce((a, b) => (size(b) > size(a) ? b : a));
  const { c } = main;
  const { operands } = task.work;
  const [streamed, stationary] = [operands[c.streamed.operand]!, operands[c.stationary.operand]!];
  const macs = products.reduce((n, p) => n + size(p), 0);
  const depthwise = c.batch > 1 && c.columns === 1 && c.rows > 1;
  // A depthwise unit works on channels (groups) side by side; a matrix unit on results.
  const columns = depthwise ? c.batch : c.columns;
  const formats = {
    weightBits: bitsOf(stationary),
    inputBits: bitsOf(streamed),
    isFloat: isFloat(streamed) || isFloat(stationary),
  };
  const weightElements = footprint(c.nest, c.stationary, stationary);
  const isConstant = stationary.role === 'weight';
  const outputBits = Math.max(...Object.values(operands).map((o) => (o.role === 'output' ? bitsOf(o) : 1)));
  const lineBits = c.sliding ? lineBuffer(c, streamed) : 0;
  const channels = streamed.shape[1] ?? 1;
  const inputs = streamed.shape.reduce((n, d) => n * d, task.times);
  const bytes = Object.values(task.tensors).reduce((n, t) => n + (network.tensors[t]!.from === index ? 0 : 1), 0);
  return {
    task,
    index,
    unit: depthwise ? 'depthwise' : 'matrix',
    head: headOf(c, isConstant),
    macs,
    weightBits: products.reduce(
      (n, p) =>
        n +
        footprint(p.c.nest, p.c.stationary, operands[p.c.stationary.operand]!) *
          bitsOf(operands[p.c.stationary.operand]!),
      0,
    ),
    precision: streamed.format.name,
    foldings: (device) => {
      const options: Folding[] = [];
      for (const pe of divisors(columns)) {
        for (const simd of divisors(c.sums)) {
          const lanes = pe * simd;
          if (lanes > mostLanes) break;
          // The window takes each input once: as many values a cycle as the unit takes channels, at most a pixel.
          const taken = depthwise ? pe : Math.min(simd, channels);
          const cycles = Math.max(ceilDiv(macs, lanes), ceilDiv(elements, pe), c.sliding ? ceilDiv(inputs, taken) : 0);
          const depth = ceilDiv(weightElements, lanes);
          // A streamed second factor needs two buffers: one is filled while the other is used.
          const weights = memoryOf(lanes * formats.weightBits, isConstant ? depth : 2 * depth, device);
          const window = memoryOf(simd * formats.inputBits, ceilDiv(lineBits, simd * formats.inputBits), device);
          // Channels of a depthwise unit have an activation each: two products cannot share a DSP48E2.
          const dspKind = depthwise && device.dspKind === 'dsp48e2' ? 'dsp48e1' : device.dspKind;
          const unit = matrixUnit({ ...formats, pe, simd, sums: c.sums, columns, outputBits }, dspKind);
          const post = scalarUnit(tail, elements, pe, outputBits, formats.isFloat);
          options.push({ pe, simd, cycles, resources: [weights, window, unit, post, control(bytes)].reduce(plus) });
        }
      }
      return undominated(options);
    },
  };
}

/** Element-wise work, pools and moves: lanes side by side. */
function streamKernel(
  task: Task,
  index: number,
  nests: readonly { nest: Nest; times: number }[],
  counts: OpCounts,
  elements: number,
): Kernel {
  const points = nests.reduce((n, { nest, times }) => n + pointsOf(nest) * times, 0);
  const { operands } = task.work;
  const output = Object.values(operands).find((o) => o.role === 'output')!;
  const float = Object.values(operands).some(isFloat);
  const bits = Math.max(...Object.values(operands).map(bitsOf));
  const lanes = output.shape.length > 1 ? output.shape[1]! : (output.shape[0] ?? 1);
  const reduces = nests.some(({ nest }) => nest.combine !== 'set');
  // What is not read in the order in which it arrives has to be held first.
  const held = isInOrder(
    nests.map((n) => n.nest),
    operands,
  )
    ? 0
    : Object.values(operands).reduce((n, o) => (o.role === 'input' ? n + bytesOf(o) * 8 : n), 0);
  return {
    task,
    index,
    unit: 'stream',
    head: held > 0 ? 1 : reduces ? Math.min(1, 1 / Math.max(1, output.shape.at(-2) ?? 1)) : 0,
    macs: 0,
    weightBits: 0,
    precision: output.format.name,
    foldings: (device) =>
      undominated(
        divisors(Math.max(1, lanes))
          .filter((pe) => pe <= 1024)
          .map((pe): Folding => ({
            pe,
            simd: 1,
            cycles: ceilDiv(points, pe),
            resources: [
              scalarUnit(counts, elements, pe, bits, float),
              memoryOf(pe * bits, ceilDiv(2 * held, pe * bits), device),
              control(1),
            ].reduce(plus),
          })),
      ),
  };
}

/** Every operand is read along the loops in their order, without tables: it can be used as it arrives. */
function isInOrder(nests: readonly Nest[], operands: Readonly<Record<string, Operand>>): boolean {
  return nests.every((nest) =>
    nest.reads.every((access) => {
      if (operands[access.operand]?.role !== 'input') return true;
      const order = nest.loops.map((l) => l.name);
      let last = -1;
      for (const index of access.at) {
        for (const t of index.terms) {
          if (!('loop' in t) || 'table' in t) return false;
          if (t.by < 0) return false;
        }
        const first = index.terms.find((t) => 'loop' in t && order.includes(t.loop));
        if (!first || !('loop' in first)) continue;
        const place = order.indexOf(first.loop);
        if (place < last) return false;
        last = place;
      }
      return true;
    }),
  );
}

/** Bits that a sliding window keeps: its rows less one, and one window, over all channels. */
function lineBuffer(c: Contraction, streamed: Operand): number {
  const spatial = streamed.shape.slice(2);
  const channels = streamed.shape[1] ?? 1;
  const taps = c.nest.loops
    .filter((l) => c.roles[l.name] === 'sum' && l.size > 1 && isTap(c, l.name))
    .map((l) => l.size);
  const rows = Math.max(1, taps[0] ?? 1);
  const line = spatial.slice(1).reduce((n, d) => n * d, 1);
  return rows * line * channels * bitsOf(streamed);
}

const isTap = (c: Contraction, loop: string): boolean =>
  c.streamed.at.some(
    (i) =>
      i.terms.some((t) => 'loop' in t && t.loop === loop) &&
      i.terms.some((t) => 'loop' in t && c.roles[t.loop] === 'row'),
  );

function headOf(c: Contraction, isConstant: boolean): number {
  if (!isConstant) return 1;
  if (c.rows === 1) return 1;
  if (!c.sliding) return Math.min(1, 1 / c.rows);
  const taps = c.nest.loops.filter((l) => isTap(c, l.name)).map((l) => l.size);
  const pixels = c.nest.loops.filter((l) => c.roles[l.name] === 'row' && l.size > 1).map((l) => l.size);
  return Math.min(1, (taps[0] ?? 1) / Math.max(1, pixels[0] ?? 1));
}

/** LUTs and DSPs of scalar operations, `pe` elements side by side. Functions are tables of one entry per input code. */
function scalarUnit(counts: OpCounts, elements: number, pe: number, bits: number, float: boolean): Resources {
  if (elements === 0) return none;
  let [lut, dsp] = [0, 0];
  for (const [kind, n] of Object.entries(counts) as [OpKind, number][]) {
    const each = Math.max(1, Math.ceil(n / elements));
    if (kind === 'move') lut += bits / 2;
    else if (kind === 'exp' || kind === 'div')
      [lut, dsp] = float ? [lut + 800, dsp + 7] : [lut + ceilDiv(2 ** Math.min(bits, 12), 64) * bits, dsp];
    else if (kind === 'mul' || kind === 'mac')
      [lut, dsp] = float ? [lut + 100, dsp + 3] : [lut + (bits < 5 ? bits * bits : 0), dsp + (bits < 5 ? 0 : 1)];
    else if (float) [lut, dsp] = [lut + 250 * Math.min(each, 4), dsp];
    else lut += bits * Math.min(each, 4);
  }
  return { ...none, lut: lut * pe, ff: lut * pe, dsp: dsp * pe };
}

/** Handshakes, counters and FIFOs between kernels. */
const control = (streams: number): Resources => ({ ...none, lut: 150 + 60 * streams, ff: 200 + 80 * streams });

/** Of foldings with equal or more cycles, only those that need less. */
function undominated(options: readonly Folding[]): Folding[] {
  const weight = (r: Resources): number => r.lut + 50 * r.dsp + 150 * r.bram36 + 1200 * r.uram;
  const sorted = [...options].sort((a, b) => a.cycles - b.cycles || weight(a.resources) - weight(b.resources));
  const kept: Folding[] = [];
  let least = Infinity;
  for (const f of sorted) {
    const w = weight(f.resources);
    if (w >= least) continue;
    least = w;
    kept.push(f);
  }
  return kept.reverse();
}
