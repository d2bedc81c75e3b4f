import type { Flag } from './kit/flags.ts';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { compareTensors } from '../../compiler/simulate/compare-tensors.ts';
import type { SimulateData } from '../../compiler/run/simulate-data.ts';
import { fromNumbers, numbers, sizeOf, type Tensor } from '../../compiler/tensor/tensor.ts';
import type { TensorType } from '../../compiler/ir/types.ts';
import { column, spareColumn, type Cell, type Table } from '../../reports/table.ts';
import { shapeText } from '../../reports/layers.ts';
import { renderTable } from '../../reports/render/terminal.ts';
import { renderCsv, renderMarkdown } from '../../reports/render/text-formats.ts';
import { seededRandom } from '../base/random.ts';
import { diagnostic, fail, type Diagnostic } from '../base/diagnostics.ts';
import { readDataSet, type DataSet } from '../files/data-set.ts';
import { readNpy, writeNpy } from '../files/npy.ts';
import { readBytes } from '../files/read.ts';
import { writeWhole } from '../files/write.ts';
import type { Model } from '../netloom.ts';
import { defineCommand, save } from './kit/define.ts';
import { netloom, openModel } from './kit/load.ts';
import { usage, type Session } from './kit/session.ts';

export const define = defineCommand({
  schema: 'netloom/simulate@1',
  description:
    'Runs a model in float through the reference and its fast kernels, and compares the outputs with expected ones.',
  arguments: [['<model>', 'ONNX file, or - for standard input']],
  flags: [
    ['--test-data <folder>', 'ONNX test data: input_0.pb ..., output_0.pb ...'],
    ['--input <file.npy...>', 'one npy file for each input, in order'],
    ['--reference', 'use the plain reference only, without fast kernels'],
    ['--rtol <x>', 'allowed relative error of floats; 1e-3 when absent'],
    ['--atol <x>', 'allowed absolute error, as a share of the largest magnitude of the output; 1e-4 when absent'],
    ['--dump-tensors <folder>', 'write the outputs as npy files'],
  ],
  examples: [
    'netloom simulate model.onnx --test-data test_data_set_0 --precision float',
    'netloom simulate model.onnx --input x.npy --dump-tensors out',
    'netloom simulate model.onnx --seed 7 --json',
  ],
  run: (session, [path], flags) => {
    const { settings } = session;
    if (!['native', 'float', 'fp32'].includes(settings.precision)) {
      throw usage(
        `--precision is "${settings.precision}"`,
        'simulate runs a model in the formats that it has; lowered precisions are not simulated in this version',
        '--precision float',
      );
    }
    const tolerance = { relative: number(flags.rtol, 1e-3, '--rtol'), absolute: number(flags.atol, 1e-4, '--atol') };
    const asked = flags.rtol !== undefined || flags.atol !== undefined;
    const data = typeof flags.testData === 'string' ? readDataSet(flags.testData) : undefined;
    const { model, inputs, notes } = openWithInputs(
      session,
      path!,
      data,
      Array.isArray(flags.input) ? (flags.input as string[]) : undefined,
    );
    session.note(notes);
    Object.assign(session.used, {
      precision: 'float',
      seed: data ? null : settings.seed,
      reference: flags.reference === true,
    });
    const outputs = netloom.simulate(model, inputs, { reference: flags.reference === true });
    const result: SimulateData = {
      outputs: outputs.map((t, k) => judge(model.graph.outputs[k]!, t, data?.outputs.get(k), tolerance, asked)),
      tolerance,
    };
    if (typeof flags.dumpTensors === 'string') dump(flags.dumpTensors, outputs);
    const ok = result.outputs.every((o) => o.ok !== false);
    save(session, result, ok);
    if (settings.format === 'json') session.printJson(result, ok);
    else {
      const table = tableOf(result, data !== undefined);
      session.print(
        settings.format === 'csv'
          ? renderCsv(table)
          : settings.format === 'md'
            ? renderMarkdown(table)
            : renderTable(table, session.terminal),
      );
    }
    session.showDiagnostics();
    return ok ? session.exitCode() : 1;
  },
});

function number(given: Flag, fallback: number, flag: string): number {
  if (given === undefined) return fallback;
  const x = Number(given);
  if (!(x >= 0 && Number.isFinite(x)))
    throw usage(`${flag} is "${String(given)}"`, 'it takes a number of at least 0', `${flag} 1e-4`);
  return x;
}

/** The model with values for its inputs; shapes come from the values. */
function openWithInputs(
  session: Session,
  path: string,
  data: DataSet | undefined,
  files: readonly string[] | undefined,
): { model: Model; inputs: Tensor[]; notes: Diagnostic[] } {
  if (!data && !files) {
    const model = openModel(session, path);
    const note = diagnostic('note', 'NL6102', {
      message: `the inputs are random numbers from seed ${session.settings.seed}`,
      cause: 'neither --test-data nor --input is given',
      fix: 'add --test-data <folder>, or --input x.npy',
    });
    return {
      model,
      inputs: model.graph.inputs.map((id, i) => randomTensor(model.graph.types.get(id)!, session.settings.seed + i)),
      notes: [note],
    };
  }
  const given = data ? data.inputs : new Map(files!.map((f, k) => [k, readNpy(readBytes(f), f)]));
  const model = openModel(session, path, { data: given });
  const inputs = model.graph.inputs.map(
    (id, k) =>
      model.values.get(id) ??
      fail('NL6103', {
        message: `input "${id}" has no values`,
        cause: `${given.size} files are given for ${model.graph.inputs.length} inputs; ${k} is missing`,
        fix: 'give one file for each input, in the order of `netloom inspect`',
      }),
  );
  return { model, inputs, notes: [] };
}

/** Uniform in [0, 1) for floats, small whole numbers for integers. */
function randomTensor(type: TensorType, seed: number): Tensor {
  const random = seededRandom(seed);
  const n = sizeOf(type.shape);
  return fromNumbers(
    type.format,
    type.shape,
    Array.from({ length: n }, () => (type.format.kind === 'float' ? random.next() : random.whole(0, 1))),
  );
}

/**
 * Runtimes approximate: their sigmoid alone is off by up to 2e-7, and roots near 0 or long means multiply such errors. An
 * output is equal when every element is within the tolerance; it is close when its error is noise as a whole (relative
 * L2 error) and no element is far off. Both are told apart in the result.
 */
const noise = { floor: 2e-7, relativeL2: 5e-3, worst: 1e-2 } as const;

function judge(
  name: string,
  got: Tensor,
  wanted: Tensor | undefined,
  tolerance: SimulateData['tolerance'],
  asked: boolean,
): SimulateData['outputs'][number] {
  const base = { name, format: got.format.name, shape: [...got.shape] };
  if (!wanted)
    return { ...base, max_abs_error: null, max_rel_error: null, relative_l2_error: null, mismatched: null, ok: null };
  const largest = magnitude(wanted);
  const c = compareTensors(got, wanted, {
    relative: tolerance.relative,
    absolute: tolerance.absolute * largest + noise.floor,
  });
  const finite = (x: number | null): number | null => (x === null || !Number.isFinite(x) ? null : x);
  const l2 =
    c.reason === undefined && wanted.format.kind === 'float' ? relativeL2(numbers(got), numbers(wanted)) : null;
  const isClose =
    !c.ok &&
    !asked &&
    l2 !== null &&
    l2 <= noise.relativeL2 &&
    c.maxAbsError !== null &&
    c.maxAbsError <= noise.worst * largest;
  return {
    ...base,
    max_abs_error: finite(c.maxAbsError),
    max_rel_error: finite(c.maxRelError),
    relative_l2_error: finite(l2),
    mismatched: c.mismatched,
    ok: c.ok || isClose,
    ...(c.reason
      ? { reason: c.reason }
      : isClose
        ? {
            reason: `close: ${c.mismatched} of ${wanted.data.length} elements are outside the tolerance, all within 1 % of the largest`,
          }
        : {}),
  };
}

/** Norm of the difference over the norm of what is wanted. */
function relativeL2(got: ArrayLike<number>, wanted: ArrayLike<number>): number {
  let [error, signal] = [0, 0];
  for (let i = 0; i < wanted.length; i++) {
    error += (got[i]! - wanted[i]!) ** 2;
    signal += wanted[i]! ** 2;
  }
  return error === 0 ? 0 : Math.sqrt(error / signal);
}

function magnitude(t: Tensor): number {
  if (t.format.kind !== 'float') return 0;
  const values = numbers(t);
  let most = 0;
  for (let i = 0; i < values.length; i++) if (Number.isFinite(values[i]!)) most = Math.max(most, Math.abs(values[i]!));
  return most;
}

function dump(folder: string, outputs: readonly Tensor[]): void {
  mkdirSync(folder, { recursive: true });
  outputs.forEach((t, k) => writeWhole(join(folder, `output_${k}.npy`), writeNpy(t)));
}

const tableOf = (data: SimulateData, compared: boolean): Table => ({
  name: 'outputs',
  title: 'Outputs',
  columns: [
    column('Output', 'output', 'name'),
    spareColumn(1, 'Format', 'format', 'text'),
    column('Shape', 'shape', 'text'),
    column('Max abs error', 'max_abs_error', 'plain'),
    spareColumn(2, 'Max rel error', 'max_rel_error', 'plain'),
    column('Mismatched', 'mismatched', 'whole'),
    column('Result', 'ok', 'text'),
  ],
  rows: data.outputs.map((o): Cell[] => [
    o.name,
    o.format,
    shapeText(o.shape),
    o.max_abs_error,
    o.max_rel_error,
    o.mismatched,
    o.ok === null ? 'not compared' : o.ok ? (o.reason ? 'close' : 'equal') : (o.reason ?? 'differs'),
  ]),
  ...(compared
    ? {
        notes: [
          `equal: |got - wanted| <= ${data.tolerance.absolute} max|wanted| + ${data.tolerance.relative} |wanted|; integers exactly`,
          ...(data.outputs.some((o) => o.ok && o.reason)
            ? ['close: relative L2 error up to 0.5 %, and no element off by more than 1 % of the largest']
            : []),
        ],
      }
    : {}),
});
