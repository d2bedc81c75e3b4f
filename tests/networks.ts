import { bf16, bool, f16, f32, formatNamed, i32, i64, i8, u8, type Format } from '../compiler/formats/index.ts';
import { GraphBuilder } from '../compiler/ir/builder.ts';
import { absent, valueId, type Attrs, type Graph, type ValueId } from '../compiler/ir/types.ts';
import { builtinOps } from '../compiler/ops/index.ts';
import { OpRegistry } from '../compiler/ops/registry.ts';
import { plan } from '../compiler/schedule/plan.ts';
import { parsePrecision } from '../compiler/schedule/precision.ts';
import { allocate, fromNumbers, sizeOf, tensor } from '../compiler/tensor/tensor.ts';
import type { Network, NetworkCost } from '../hw-models/contract.ts';
import { builtinFamilies, price } from '../hw-models/families/index.ts';
import { machineTexts } from '../hw-models/machines.gen.ts';
import type { Machine } from '../hw-models/schema/machine.ts';
import { readMachine } from '../hw-models/schema/read.ts';

export const registry = new OpRegistry(builtinOps);
export const formats = { f32, f16, bf16, i8, u8, i32, i64, bool };

/** Small networks written op by op: `n.op('conv', [n.x([1, 3, 8, 8]), n.w([4, 3, 3, 3])])`. */
export class Net {
  readonly #builder: GraphBuilder;
  #count = 0;

  constructor(name: string) {
    this.#builder = new GraphBuilder(registry, name);
  }

  /** An input. */
  x(shape: readonly number[], format: Format = f32): ValueId {
    return this.#builder.input(valueId(`x${this.#count++}`), { format, shape });
  }

  /** A weight of zeros. */
  w(shape: readonly number[], format: Format = f32): ValueId {
    const id = valueId(`w${this.#count++}`);
    return this.#builder.constant(id, tensor(format, shape, allocate(format, sizeOf(shape))), {
      node: id,
      op: 'Initializer',
    });
  }

  /** A constant list of whole numbers. */
  wholes(values: readonly number[], shape: readonly number[] = [values.length]): ValueId {
    const id = valueId(`k${this.#count++}`);
    return this.#builder.constant(id, fromNumbers(i64, shape, [...values]), { node: id, op: 'Initializer' });
  }

  /** The first result of an op; null operands are left out. */
  op(kind: string, inputs: readonly (ValueId | null)[], attrs: Attrs = {}, results = 1): ValueId {
    const outputs = Array.from({ length: results }, () => valueId(`y${this.#count++}`));
    this.#builder.op({
      kind,
      inputs: inputs.map((i) => i ?? absent),
      outputs,
      attrs,
      origins: [{ node: `/${kind}${this.#count}`, op: kind }],
    });
    return outputs[0]!;
  }

  finish(...results: readonly ValueId[]): Graph {
    for (const r of results) this.#builder.output(r);
    return this.#builder.build();
  }
}

/** A network of what `build` leaves as its result, as machines are asked to price it. */
export function networkOf(build: (n: Net) => ValueId, precision = 'native', batch = 1): Network {
  const n = new Net('net');
  const graph = n.finish(build(n));
  return plan(graph, registry, { precision: parsePrecision(precision), batch }).network;
}

export const presets: ReadonlyMap<string, Machine> = new Map(
  Object.entries(machineTexts).map(([name, text]) => [name, readMachine(text, `${name}.json`).machine]),
);

export const machineFrom = (json: object): Machine => readMachine(JSON.stringify(json), 'case.json').machine;

/** Prices on a machine, with the host that it names. */
export const priceOn = (network: Network, machine: Machine): NetworkCost =>
  price(network, machine, machine.host && presets.get(machine.host.machine), builtinFamilies);

export { formatNamed };
