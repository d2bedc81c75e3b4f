/**
 * Compares the float simulation with ONNX Runtime on one thread, in the same run: only the ratio means something on a
 * busy machine.
 *
 *     npx tsx tests/bench/simulate.ts [folders of models with test data...]
 */
import { basename } from 'node:path';
import ort from 'onnxruntime-node';
import { decodeModel } from '../../compiler/onnx/decode.ts';
import { importModel } from '../../compiler/onnx/import.ts';
import { builtinOps } from '../../compiler/ops/index.ts';
import { OpRegistry } from '../../compiler/ops/registry.ts';
import { readTensorFile } from '../../compiler/simulate/conformance.ts';
import { fastFloatKernels } from '../../compiler/simulate/fast/index.ts';
import { runGraph } from '../../compiler/simulate/run-graph.ts';
import type { Tensor } from '../../compiler/tensor/tensor.ts';
import { isNetloomError } from '../../src/base/diagnostics.ts';
import { findCases, readCase } from '../../src/files/backend-cases.ts';

const registry = new OpRegistry(builtinOps);
const rounds = 3;

interface Contestant {
  readonly name: string;
  run(): unknown;
}

/** Least time of each contestant in ms, taking turns so that a busy moment hits all of them. */
async function bestTimes(contestants: readonly Contestant[]): Promise<number[]> {
  const best = contestants.map(() => Infinity);
  for (let round = 0; round <= rounds; round++) {
    for (const [i, contestant] of contestants.entries()) {
      const start = performance.now();
      await contestant.run();
      if (round > 0) best[i] = Math.min(best[i]!, performance.now() - start); // the first round warms up
    }
  }
  return best;
}

const ortTypes: Readonly<Record<string, string>> = {
  f32: 'float32',
  f64: 'float64',
  i64: 'int64',
  i32: 'int32',
  u8: 'uint8',
  i8: 'int8',
  bool: 'bool',
};

const toOrt = (t: Tensor): ort.Tensor =>
  new ort.Tensor(ortTypes[t.format.name] as 'float32', t.data as Float32Array, t.shape);

async function compare(folder: string): Promise<void> {
  const name = basename(folder);
  const { model, dataSets } = readCase(folder);
  const inputNames = (decodeModel(model, name).graph?.input ?? []).map((i) => i.name ?? '');
  const entries = [...dataSets[0]!.inputs].map(
    ([k, bytes]) => [inputNames[k]!, readTensorFile(bytes, `${name} input ${k}`)] as const,
  );
  const values = new Map(entries);
  const shapes = Object.fromEntries(entries.map(([id, t]) => [id, t.shape]));
  const { graph } = importModel(model, registry, { file: name, shapes, values });
  const inputs = graph.inputs.map((id) => values.get(id)!);
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: 1,
    interOpNumThreads: 1,
    logSeverityLevel: 4,
  });
  const feeds = Object.fromEntries(entries.map(([id, t]) => [id, toOrt(t)]));
  const [own, other] = await bestTimes([
    { name: 'netloom', run: () => runGraph(graph, registry, inputs, { kernels: fastFloatKernels }) },
    { name: 'ONNX Runtime', run: () => session.run(feeds) },
  ]);
  await session.release();
  print(name, own!.toFixed(1), other!.toFixed(1), `${(own! / other!).toFixed(1)} x`);
}

const print = (model: string, own: string, other: string, ratio: string): void =>
  console.log(`${model.padEnd(32)} ${own.padStart(12)} ${other.padStart(16)} ${ratio.padStart(10)}`);

const given = process.argv.slice(2);
const chosen = [
  'meshnet-3d-64',
  'super-resolution-10',
  'syn-siamfc',
  'topology-resnet18',
  'topology-mobilenetv2',
  'retinaface-mobile-320',
  'cct-2-32x32-fp32',
  'magika-v1',
  'style-candy-fp32',
];
const folders =
  given.length > 0 ? given.flatMap((path) => findCases(path)) : chosen.map((model) => `../shared/models/${model}`);
print('model', 'netloom, ms', 'ONNX Runtime, ms', 'ratio');
for (const folder of folders) {
  try {
    await compare(folder);
  } catch (e) {
    print(basename(folder), '-', '-', '-');
    console.log(`  ${isNetloomError(e) ? e.diagnostics[0]!.message : String(e)}`);
  }
}
