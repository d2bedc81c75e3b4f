import { GraphBuilder } from '../compiler/ir/builder.ts';
import { valueId, type Attrs, type Graph, type ValueId } from '../compiler/ir/types.ts';
import { f32, i64 } from '../compiler/formats/index.ts';
import type { OpRegistry } from '../compiler/ops/registry.ts';
import { fromNumbers, sizeOf, type Tensor } from '../compiler/tensor/tensor.ts';
import { isNetloomError } from '../src/base/diagnostics.ts';
import { seededRandom, type Random } from '../src/base/random.ts';

/** A small graph of the ops that passes look for, and values for its inputs. The same seed gives the same graph. */
export function randomGraph(registry: OpRegistry, seed: number, steps: number): { graph: Graph; inputs: Tensor[] } {
  const maker = new Maker(registry, seed);
  for (let i = 0; i < steps; i++) maker.step();
  return maker.finish();
}

const tidy = (random: Random): number => Math.round(random.next() * 32 - 16) / 8;

class Maker {
  readonly #builder: GraphBuilder;
  readonly #random: Random;
  readonly #values: ValueId[];
  readonly #inputs: Tensor[];

  constructor(registry: OpRegistry, seed: number) {
    this.#builder = new GraphBuilder(registry, 'random');
    this.#random = seededRandom(seed);
    const shapes = [
      [1, 4, 5, 5],
      [2, 6],
    ];
    this.#inputs = shapes.map((shape) => this.#tensor(shape));
    this.#values = shapes.map((shape, i) => this.#builder.input(valueId(`x${i}`), { format: f32, shape }));
  }

  finish(): { graph: Graph; inputs: Tensor[] } {
    // The last value, and now and then one in the middle that passes must leave visible.
    this.#builder.output(this.#values.at(-1)!);
    const other = this.#pick(this.#values.slice(2, -1));
    if (other && this.#random.next() < 0.4) this.#builder.output(other);
    return { graph: this.#builder.build(), inputs: this.#inputs };
  }

  step(): void {
    // Mostly the newest value: chains are what passes merge.
    const x = this.#random.next() < 0.75 ? this.#values.at(-1)! : this.#pick(this.#values)!;
    const { shape } = this.#builder.type(x);
    this.#pick(this.#choices)!(x, shape);
  }

  readonly #choices: readonly ((x: ValueId, shape: readonly number[]) => void)[] = [
    (x) => this.#op('relu', [x]),
    (x) => this.#op('sigmoid', [x]),
    (x) => this.#op('identity', [x]),
    (x) => this.#op('dropout', [x]),
    (x) => this.#op('clip', [x, this.#const([], -1), this.#const([], 1)]),
    ...(['add', 'sub', 'mul', 'div'] as const).map((kind) => (x: ValueId, shape: readonly number[]) => {
      const constant = this.#constFor(shape);
      this.#op(kind, this.#random.next() < 0.7 || kind === 'div' ? [x, constant] : [constant, x]);
    }),
    (x, shape) =>
      this.#op('add', [
        x,
        this.#pick(this.#values.filter((v) => String(this.#builder.type(v).shape) === String(shape)))!,
      ]),
    (x) => this.#op('mul', [x, this.#const([], this.#pick([1, 0, 2]))]),
    (x, shape) => this.#op('transpose', [x], { perm: this.#shuffled(shape.map((_, i) => i)) }),
    (x, shape) => this.#op('reshape', [x, this.#wholes(this.#shuffled(shape))]),
    (x, shape) => this.#op('reshape', [x, this.#wholes([shape[0] ?? 1, -1])]),
    (x) => this.#op('flatten', [x], { axis: 1 }),
    (x) => this.#op('unsqueeze', [x, this.#wholes([0])]),
    (x, shape) => this.#op('squeeze', shape[0] === 1 ? [x, this.#wholes([0])] : [x]),
    (x, shape) =>
      this.#op('pad', [
        x,
        this.#wholes([...shape, ...shape].map((_, i) => (i % shape.length > 1 ? this.#random.whole(0, 1) : 0))),
      ]),
    (x, shape) => this.#op('slice', [x, this.#wholes(shape.map(() => 0)), this.#wholes(shape.map((d) => d))]),
    (x) => this.#op('concat', [x], { axis: 0 }),
    (x, shape) => this.#op('shape', [x], {}, shape),
    (x, shape) => this.#conv('conv', x, shape),
    (x, shape) => this.#conv('conv', x, shape),
    (x, shape) => this.#conv('conv-transpose', x, shape),
    (x, shape) =>
      shape.length === 2 &&
      this.#op('gemm', [x, this.#const([3, shape[1]!]), this.#const([3])], { alpha: 0.5, transB: 1 }),
    (x, shape) => shape.length >= 2 && this.#op('matmul', [x, this.#const([shape.at(-1)!, 3])]),
    // What passes look for stands together more often than chance would have it.
    (x, shape) => shape.length === 4 && this.#inTurn(x, ['pad', 'conv', 'batch-norm']),
    (x, shape) => shape.length === 4 && this.#inTurn(x, ['conv', 'mul', 'add']),
    (x, shape) => shape.length === 4 && this.#inTurn(x, ['pad', 'average-pool']),
    (x, shape) => {
      const perm = this.#shuffled(shape.map((_, i) => i));
      const back = perm.map((_, i) => perm.indexOf(i));
      this.#op('transpose', [x], { perm });
      this.#op(this.#pick(['relu', 'sigmoid'])!, [this.#values.at(-1)!]);
      this.#op('add', [this.#values.at(-1)!, this.#constFor(this.#builder.type(this.#values.at(-1)!).shape)]);
      this.#op('transpose', [this.#values.at(-1)!], { perm: back });
    },
    (x, shape) =>
      shape.length >= 2 &&
      this.#op('batch-norm', [x, ...[0, 0, 0].map(() => this.#const([shape[1]!])), this.#const([shape[1]!], 1.5)]),
    (x, shape) => shape.length === 4 && this.#op('average-pool', [x], { kernel: [2, 2], kernelShape: [2, 2] }),
    (x, shape) => shape.length >= 2 && this.#op('softmax', [x]),
  ];

  #inTurn(x: ValueId, kinds: readonly string[]): void {
    let at = x;
    for (const kind of kinds) {
      const { shape } = this.#builder.type(at);
      if (kind === 'pad')
        this.#op('pad', [
          at,
          this.#wholes([...shape, ...shape].map((_, i) => (i % shape.length > 1 ? this.#random.whole(0, 1) : 0))),
        ]);
      else if (kind === 'conv') this.#conv('conv', at, shape);
      else if (kind === 'average-pool')
        this.#op(kind, [at], { kernel: [2, 2], kernelShape: [2, 2], countIncludePad: this.#random.next() < 0.5 });
      else if (kind === 'batch-norm')
        this.#op(kind, [at, ...[0, 0, 0].map(() => this.#const([shape[1]!])), this.#const([shape[1]!], 1.5)]);
      else this.#op(kind, [at, this.#const([shape[1]!, 1, 1])]);
      at = this.#values.at(-1)!;
    }
  }

  #conv(kind: string, x: ValueId, shape: readonly number[]): void {
    const [, channels, ...spatial] = shape;
    if (!channels || spatial.length === 0 || channels > 16) return;
    const size = this.#pick([1, 2, 3])!;
    const group = channels % 2 === 0 ? this.#pick([1, 2])! : 1;
    const filters = 2 * group;
    const kernel = spatial.map(() => size);
    const weights = kind === 'conv' ? [filters, channels / group, ...kernel] : [channels, filters / group, ...kernel];
    const bias = this.#random.next() < 0.5 ? [this.#const([filters])] : [];
    this.#op(kind, [x, this.#const(weights), ...bias], {
      group,
      pads: [...kernel, ...kernel].map(() => (kind === 'conv' ? size >> 1 : 0)),
    });
  }

  /** Steps that do not fit (a window larger than its input, a missing op) are left out. */
  #op(kind: string, inputs: readonly ValueId[], attrs: Attrs = {}, shape?: readonly number[]): void {
    const def = this.#builder.registry.find(kind);
    if (!def || inputs.some((id) => id === undefined)) return;
    const known = Object.fromEntries(Object.entries(attrs).filter(([name]) => def.attrs[name]));
    const out = this.#builder.fresh('v');
    try {
      this.#builder.op({ kind, inputs, outputs: [out], attrs: known, origins: [{ node: `/${out}`, op: kind }] });
    } catch (e) {
      if (!isNetloomError(e)) throw e;
      return;
    }
    const type = this.#builder.type(out);
    if (type.format.name === 'f32' && sizeOf(type.shape) <= 2000) this.#values.push(out);
    else if (shape) this.#builder.output(out);
  }

  #constFor(shape: readonly number[]): ValueId {
    const channel = shape.map((d, i) => (i === 1 ? d : 1));
    const last = shape.slice(-1);
    return this.#const(this.#pick([[], [1], channel, channel.slice(1), last, shape])!);
  }

  #const(shape: readonly number[], value?: number): ValueId {
    const id = this.#builder.fresh('c');
    const tensor =
      value === undefined ? this.#tensor(shape) : fromNumbers(f32, shape, new Array<number>(sizeOf(shape)).fill(value));
    return this.#builder.constant(id, tensor, { node: id, op: 'Initializer' });
  }

  #wholes(values: readonly number[]): ValueId {
    const id = this.#builder.fresh('s');
    return this.#builder.constant(id, fromNumbers(i64, [values.length], values), { node: id, op: 'Initializer' });
  }

  #tensor(shape: readonly number[]): Tensor {
    // Never 0, so that it can divide.
    return fromNumbers(
      f32,
      shape,
      Array.from({ length: sizeOf(shape) }, () => tidy(this.#random) || 0.5),
    );
  }

  #pick<T>(list: readonly T[]): T | undefined {
    return list[this.#random.whole(0, Math.max(0, list.length - 1))];
  }

  #shuffled<T>(list: readonly T[]): T[] {
    const out = [...list];
    for (let i = out.length - 1; i > 0; i--) {
      const j = this.#random.whole(0, i);
      [out[i], out[j]] = [out[j]!, out[i]!];
    }
    return out;
  }
}
