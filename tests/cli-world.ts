import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import onnxProto from 'onnx-proto';
import { fromNumbers } from '../compiler/tensor/tensor.ts';
import { f32 } from '../compiler/formats/index.ts';
import { writeNpy } from '../src/files/npy.ts';
import { presetText } from '../src/netloom.ts';
import { OnnxWriter } from './models/onnx-writer.ts';
import { runCli } from './run-cli.ts';

/** A model of two layers, small enough to work out by hand. */
export function tinyModel(dims: readonly (number | string)[] = [1, 1, 4, 4]): Uint8Array {
  const w = new OnnxWriter('tiny');
  const kernel = w.weight(
    'conv1.weight',
    [2, 1, 3, 3],
    Float32Array.from({ length: 18 }, (_, i) => (i % 5) - 2),
  );
  const y = w.node('Conv', '/conv1/Conv', [w.input('x', dims), kernel], { pads: [1, 1, 1, 1] });
  w.output(w.node('Relu', '/relu/Relu', [y]), [dims[0]!, 2, dims[2]!, dims[3]!]);
  return w.bytes();
}

/** A sum of two inputs. */
export function twoInputs(): Uint8Array {
  const w = new OnnxWriter('two');
  w.output(w.node('Add', '/add', [w.input('x', [1, 1, 4, 4]), w.input('z', [1, 1, 4, 4])]), [1, 1, 4, 4]);
  return w.bytes();
}

/** Activations of 32 MB in int8: more than the buffer of a TPU v1 holds. */
export function wideModel(): Uint8Array {
  const w = new OnnxWriter('wide');
  const kernel = w.weight('weight', [8, 8, 1, 1], new Float32Array(64).fill(0.5));
  const size = [1, 8, 2048, 2048];
  const y = w.node('Conv', '/a', [w.input('x', size), kernel]);
  w.output(w.node('Conv', '/b', [y, kernel]), size);
  return w.bytes();
}

/** Operators that nobody knows, or that have no meaning here. */
export function unsupportedModel(): Uint8Array {
  const w = new OnnxWriter('unsupported');
  const a = w.node('Rellu', '/a', [w.input('x', [1, 4])]);
  w.output(w.node('StringSplit', '/b', [a]), [1, 4]);
  return w.bytes(20);
}

const tensorBytes = (dims: readonly number[], values: readonly number[]): Uint8Array =>
  onnxProto.onnx.TensorProto.encode({
    dims: [...dims],
    dataType: 1,
    rawData: new Uint8Array(Float32Array.from(values).buffer),
  }).finish();

/** A folder with every file that the examples in help texts name, made the working folder of this process. */
export class CliWorld {
  readonly folder = mkdtempSync(join(tmpdir(), 'netloom-cli-'));
  readonly #before = process.cwd();

  async build(): Promise<void> {
    process.chdir(this.folder);
    writeFileSync('model.onnx', tinyModel());
    writeFileSync('open.onnx', tinyModel(['batch', 1, 'height', 'width']));
    writeFileSync('unsupported.onnx', unsupportedModel());
    writeFileSync('broken.onnx', tinyModel().subarray(0, 60));
    writeFileSync(
      'x.npy',
      writeNpy(
        fromNumbers(
          f32,
          [1, 1, 4, 4],
          Array.from({ length: 16 }, (_, i) => i - 8),
        ),
      ),
    );
    for (const name of ['my-tpu', 'my', 'board', 'mine']) {
      writeFileSync(`${name}.json`, presetText('tpu-v1').replace('"tpu-v1"', JSON.stringify(name)));
    }
    writeFileSync('wrong.json', presetText('tpu-v1').replace('"bandwidth"', '"bandwith"'));
    const run = ['estimate', 'model.onnx', '--precision', 'int8', '-q', '--save'];
    await runCli([...run, 'run.json', '--on', 'tpu-v1']);
    await runCli([...run, 'fast.json', '--on', 'a100']);
    for (const name of ['a', 'before', 'new', 'baseline']) cpSync('run.json', `${name}.json`);
    for (const name of ['b', 'after', 'old']) cpSync('run.json', `${name}.json`);
    this.#cases();
  }

  /** ONNX backend cases in the folders that the examples name, and data beside the model. */
  #cases(): void {
    const w = new OnnxWriter('relu');
    w.output(w.node('Relu', 'relu', [w.input('x', [3])]), [3]);
    for (const folder of ['onnx/backend/test/data/node/test_relu', 'node/test_relu', 'simple/test_relu']) {
      mkdirSync(join(folder, 'test_data_set_0'), { recursive: true });
      writeFileSync(join(folder, 'model.onnx'), w.bytes());
      writeFileSync(join(folder, 'test_data_set_0/input_0.pb'), tensorBytes([3], [-1, 0, 2]));
      writeFileSync(join(folder, 'test_data_set_0/output_0.pb'), tensorBytes([3], [0, 0, 2]));
    }
    mkdirSync('test_data_set_0');
    writeFileSync(
      'test_data_set_0/input_0.pb',
      tensorBytes(
        [1, 1, 4, 4],
        Array.from({ length: 16 }, (_, i) => i - 8),
      ),
    );
    writeFileSync('test_data_set_0/output_0.pb', tensorBytes([1, 2, 4, 4], new Array<number>(32).fill(0)));
  }

  remove(): void {
    process.chdir(this.#before);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
