import type * as Ort from 'onnxruntime-node';
import { formatNamed } from '../../compiler/formats/index.ts';
import { isConst } from '../../compiler/ir/types.ts';
import { compareTensors } from '../../compiler/simulate/compare-tensors.ts';
import { tensor, type Tensor, type TensorData } from '../../compiler/tensor/tensor.ts';
import { isNetloomError } from '../../src/base/diagnostics.ts';
import { seededRandom } from '../../src/base/random.ts';
import type { Netloom } from '../../src/netloom.ts';
import type { ElementType, TensorText } from '../models/onnx-builder.ts';
import { rawBytes } from '../models/onnx-builder.ts';
import { GraphMaker, type TypesOf } from './graph-maker.ts';
import { elementwiseSteps } from './steps-elementwise.ts';
import { layerSteps } from './steps-layers.ts';
import { movementSteps } from './steps-movement.ts';

const allSteps = [...elementwiseSteps, ...layerSteps, ...movementSteps];
const opsets = [11, 12, 13, 16, 17, 18, 19, 21, 22] as const;

export type Outcome =
  | { readonly kind: 'equal'; readonly ops: readonly string[] }
  | { readonly kind: 'skipped'; readonly why: string; readonly ops: readonly string[] }
  | { readonly kind: 'differs'; readonly why: string; readonly ops: readonly string[] };

/** netloom's types of all values so far, so that the next step knows what it has. */
const typesBy =
  (netloom: Netloom): TypesOf =>
  (model) => {
    const { graph } = netloom.loadModel(model);
    return new Map([...graph.types].map(([id, t]) => [id, { type: t.format.name as ElementType, shape: t.shape }]));
  };

/** A random graph of a seed. @throws NetloomError where netloom refuses a step */
export function makeGraph(netloom: Netloom, seed: number, steps: number): GraphMaker {
  const random = seededRandom(seed);
  const opset = opsets[random.whole(0, opsets.length - 1)]!;
  const maker = new GraphMaker(seed, random, opset, typesBy(netloom));
  while (maker.ops.length < steps) maker.pick(allSteps)(maker);
  return maker;
}

const ortTypes: Readonly<Record<ElementType, string>> = {
  f32: 'float32',
  f64: 'float64',
  f16: 'float16',
  i8: 'int8',
  u8: 'uint8',
  i16: 'int16',
  u16: 'uint16',
  i32: 'int32',
  u32: 'uint32',
  i64: 'int64',
  u64: 'uint64',
  bool: 'bool',
  str: 'string',
};
const netloomTypes = new Map(Object.entries(ortTypes).map(([ours, theirs]) => [theirs, ours]));

const typedArrays = {
  f32: Float32Array,
  f64: Float64Array,
  i8: Int8Array,
  u8: Uint8Array,
  bool: Uint8Array,
  i32: Int32Array,
  i64: BigInt64Array,
  i16: Int16Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
} as const;

function typed({ type, values }: TensorText): Exclude<TensorData, string[]> {
  const bytes = rawBytes(type, values);
  const array = typedArrays[type as keyof typeof typedArrays];
  return new array(bytes.buffer as ArrayBuffer, bytes.byteOffset, values.length);
}

const toTensor = (t: TensorText): Tensor => tensor(formatNamed(t.type)!, t.shape, typed(t));

/** Runs the graph of a seed here and there, and compares every value of it. */
export async function compareSeed(netloom: Netloom, ort: typeof Ort, seed: number, steps: number): Promise<Outcome> {
  let maker: GraphMaker;
  try {
    maker = makeGraph(netloom, seed, steps);
  } catch (e) {
    if (!isNetloomError(e)) throw e;
    return {
      kind: 'differs',
      why: `netloom refuses: ${e.message.slice(0, 300)} ${e.diagnostics
        .map((d) => d.cause)
        .join('; ')
        .slice(0, 300)}`,
      ops: [],
    };
  }
  const { ops } = maker;
  const bytes = maker.builder.bytes();
  let theirs: Tensor[];
  try {
    theirs = await runTheirs(ort, bytes, maker);
  } catch (e) {
    const why = e instanceof Error ? e.message : String(e);
    // What ONNX Runtime has no kernel for on a CPU cannot be compared.
    return {
      kind: /NOT_IMPLEMENTED|Could not find an implementation/.test(why) ? 'skipped' : 'differs',
      why: `ONNX Runtime: ${why.slice(0, 400)}`,
      ops,
    };
  }
  const model = netloom.loadModel(bytes);
  const inputs = model.graph.inputs.map((id) => toTensor(maker.inputs.get(id)!));
  for (const reference of [true, false]) {
    const ours = netloom.simulate(model, inputs, { reference });
    for (const [i, wanted] of theirs.entries()) {
      const c = compareTensors(ours[i]!, wanted, { relative: 2e-3, absolute: 2e-4 });
      if (!c.ok) {
        const show = (t: Tensor): string =>
          `${t.format.name}[${t.shape.join(',')}] ${Array.from(t.data as ArrayLike<unknown>)
            .slice(0, 12)
            .join(' ')}`;
        const maker_ = model.graph.ops.find((op) => !isConst(op) && op.outputs.includes(model.graph.outputs[i]!));
        return {
          kind: 'differs',
          why: `${maker.outputs[i]} (${maker_?.kind ?? ''}, opset ${maker.opset}, ${reference ? 'reference' : 'fast'}): ${c.reason ?? `${c.mismatched} elements`}; ours ${show(ours[i]!)}; theirs ${show(wanted)}`,
          ops,
        };
      }
    }
  }
  return { kind: 'equal', ops };
}

async function runTheirs(ort: typeof Ort, bytes: Uint8Array, maker: GraphMaker): Promise<Tensor[]> {
  const session = await ort.InferenceSession.create(bytes, {
    graphOptimizationLevel: 'disabled',
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  try {
    const feeds = Object.fromEntries(
      [...maker.inputs].map(([id, t]) => [
        id,
        new ort.Tensor(ortTypes[t.type] as 'float32', typed(t) as Float32Array, [...t.shape]),
      ]),
    );
    const results = await session.run(feeds);
    return maker.outputs.map((id) => {
      const { type, dims, data } = results[id]!;
      return tensor(formatNamed(netloomTypes.get(type)!)!, dims, data);
    });
  } finally {
    await session.release();
  }
}
