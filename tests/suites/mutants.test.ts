import { describe, expect, test } from 'vitest';
import { isNetloomError } from '../../src/base/diagnostics.ts';
import { seededRandom } from '../../src/base/random.ts';
import { createNetloom } from '../../src/netloom.ts';
import { ModelBuilder, tensorOf } from '../models/onnx-builder.ts';
import { mutate, truncations, type Mutant } from '../mutants/mutate.ts';
import { seedlings } from '../mutants/seedlings.ts';
import { tryOut } from '../mutants/try-out.ts';

const netloom = createNetloom();
const machine = netloom.loadHardware('tpu-v1');
const models = seedlings(netloom, 60);

/** Words that a mutant may put in place of another: operators, and names that mean something to a runtime. */
const words = [
  ...new Set([...netloom.registry.all].flatMap((def) => def.onnx.map((form) => form.type))),
  ...['x', '', 'n', 'axis', 'conv_1', '../x', '__proto__', 'constructor', 'com.microsoft', 'ai.onnx.ml'],
];

/** ROBUSTNESS.md section 2: what a file of at most 1 MiB may take. */
const mostMilliseconds = 2000;
const mostMegabytes = 1024;

/** What is wrong with how netloom took a mutant; undefined when it was read or refused. */
function faultOf(mutant: Mutant, model: string): string | undefined {
  try {
    const { milliseconds } = tryOut(netloom, machine, mutant.bytes);
    return milliseconds > mostMilliseconds ? `${model}, ${mutant.what}: took ${milliseconds} ms` : undefined;
  } catch (e) {
    return `${model}, ${mutant.what}: ${e instanceof Error ? (e.stack ?? e.message).split('\n').slice(0, 4).join('\n') : String(e)}`;
  }
}

describe('mutants of small models are read or refused, never worse', () => {
  test('the models themselves are sound', () => {
    for (const { name, bytes } of models)
      expect(['priced', 'ran'], name).toContain(tryOut(netloom, machine, bytes).stage);
  });

  test('cut off at every field', () => {
    const faults = models
      .slice(0, 8)
      .flatMap((model) => [...truncations(model)].flatMap((m) => faultOf(m, model.name) ?? []));
    expect(faults.slice(0, 5)).toEqual([]);
  });

  test('10,000 mutants of bytes and fields', () => {
    const before = process.resourceUsage().maxRSS;
    const faults: string[] = [];
    for (let seed = 0; seed < 10_000; seed++) {
      const model = models[seed % models.length]!;
      const fault = faultOf(mutate(model, seededRandom(seed), words), model.name);
      if (fault !== undefined) faults.push(`#${seed} ${fault}`);
    }
    expect(faults.slice(0, 5)).toEqual([]);
    expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(mostMegabytes);
  });
});

/** Mutants that once made netloom fail, in short. */
const kept: Readonly<Record<string, (b: ModelBuilder) => void>> = {
  'a body whose result no node makes': (b) => {
    const step = new ModelBuilder('step');
    step.input('state', [2]);
    step.input('row', [2]);
    step.output(step.node('Trunc', ['state']), 'f32', [2]);
    step.output(step.node('Tanh', ['row']), 'f32', [2]);
    b.output(
      b.nodes(
        'Scan',
        [b.input('s', [2]), b.input('x', [3, 2])],
        { body: step, num_scan_inputs: 1 },
        { outputs: 2 },
      )[1]!,
    );
  },
  'a quantised convolution of three inputs': (b) =>
    void b.output(b.node('QLinearConv', [b.input('x', [1, 1, 3, 3], 'u8'), b.scalar(1), b.scalar(1)])),
  'batch normalisation of truth values': (b) => {
    const parts = [0, 0, 0, 0].map(() => b.constant(tensorOf('bool', [2], [1, 1])));
    b.output(b.node('BatchNormalization', [b.node('Not', [b.input('x', [1, 2], 'bool')]), ...parts]), 'bool');
  },
  'a gap among inputs of any number': (b) =>
    void b.output(b.node('Concat', ['', b.input('x', [2]), b.input('y', [2])], { axis: 0 })),
  'a node that names a result twice': (b) =>
    void b.output(b.nodes('Dropout', [b.input('x', [2])], {}, { outputs: ['y', 'y'] })[0]!),
};

/** Sizes that a few bytes declare: no table, list or value of that size may be built to find out that it is too large. */
const vast: Readonly<Record<string, (b: ModelBuilder) => string>> = {
  'padding an axis of 2^31': (b) =>
    b.node('Pad', [b.input('x', [2, 2 ** 31 - 1]), b.wholes([0, 3, 0, 1])], { mode: 'wrap' }),
  'resizing an axis of 2^32': (b) =>
    b.node('Resize', [b.input('x', [1, 1, 2 ** 32, 2]), '', b.constant(tensorOf('f32', [4], [1, 1, 2, 2]))], {
      mode: 'linear',
    }),
  'pooling an axis of 2^40': (b) =>
    b.node('AveragePool', [b.input('x', [1, 1, 2 ** 40])], { kernel_shape: [3], pads: [1, 1] }),
  'a transform of 2^40': (b) => b.node('DFT', [b.input('x', [1, 2 ** 40, 1])], { axis: 1 }),
  'a constant of 2^50': (b) => b.node('ConstantOfShape', [b.wholes([2 ** 25, 2 ** 25])]),
  'a range of 2^50': (b) =>
    b.node(
      'Range',
      [0, 2 ** 50, 1].map((v) => b.constant(tensorOf('i64', [], [v]))),
    ),
  'an identity matrix of 2^50': (b) => b.node('EyeLike', [b.input('x', [2 ** 25, 2 ** 25])]),
  'one-hot codes of 2^40': (b) =>
    b.node('OneHot', [
      b.input('x', [4], 'i64'),
      b.constant(tensorOf('i64', [], [2 ** 40])),
      b.constant(tensorOf('f32', [2], [0, 1])),
    ]),
  'tiles of 2^40': (b) => b.node('Tile', [b.input('x', [4]), b.wholes([2 ** 40])]),
  'a kernel of 2^30': (b) => b.node('MaxPool', [b.input('x', [1, 1, 2 ** 31])], { kernel_shape: [2 ** 30] }),
};

describe('a few bytes that declare much', () => {
  test.each(Object.entries(vast))('%s', (name, write) => {
    const b = new ModelBuilder('vast');
    b.output(write(b));
    const before = process.resourceUsage().maxRSS;
    expect(faultOf({ what: name, bytes: b.bytes() }, 'vast')).toBeUndefined();
    expect((process.resourceUsage().maxRSS - before) / 1024).toBeLessThan(256);
  });
});

describe('mutants that once failed', () => {
  test.each(Object.entries(kept))('%s', (_, write) => {
    const b = new ModelBuilder('kept');
    write(b);
    let error: unknown;
    try {
      netloom.loadModel(b.bytes());
    } catch (e) {
      error = e;
    }
    expect(isNetloomError(error), String(error)).toBe(true);
  });
});
