import { beforeAll, describe, expect, test } from 'vitest';
import { inspectLayers } from '../../compiler/run/inspect.ts';
import { createNetloom, type Model } from '../../src/netloom.ts';
import { architectures, buildArchitecture } from '../models/architecture.ts';
import { externalFloats, repeatedNormals } from '../models/onnx-builder.ts';
import { countedNets } from '../models/torchvision.ts';
import { paperNets } from '../models/tpu-paper.ts';
import { hasZoo, openZooModel, whyNoZoo, zooRows } from '../models/zoo.ts';

const netloom = createNetloom();
const zeros = externalFloats();

/** Multiply-accumulates of the model as it stands in its file. */
const macsOf = (model: Model): number =>
  inspectLayers(model.graph, netloom.registry, 0).reduce((n, l) => n + (l.macs ?? NaN), 0);

const macsAfterPasses = (model: Model): number =>
  netloom.estimate(netloom.lower(model, { precision: 'int8' }), netloom.loadHardware('tpu-v1'), { advice: false }).model
    .macs;

describe('networks of the literature, layer by layer', () => {
  test.each(architectures)('$name', (architecture) => {
    const { totals, layers } = architecture;
    // The lists of these say that each convolution is followed by a batch normalisation.
    const batchNorm = /^ResNet-\d|MobileNet/.test(architecture.name);
    const { builder, normalised } = buildArchitecture(architecture, { batchNorm });
    const model = netloom.loadModel(builder.bytes(), { readExternal: zeros });
    expect(model.parameters - 4 * normalised).toBe(totals.params_no_bn);
    expect(macsOf(model)).toBe(totals.macs);
    expect(macsAfterPasses(model)).toBe(totals.macs);
    const byName = new Map(inspectLayers(model.graph, netloom.registry).map((l) => [l.name, l]));
    for (const layer of layers) {
      const found = byName.get(layer.name);
      if (found) expect.soft([found.macs, found.outputs[0]?.slice(1)], layer.name).toEqual([layer.macs, layer.out]);
    }
  });
});

describe('networks of torchvision, as its tools count them', () => {
  test.each(countedNets)('$name', ({ build, macs, params, buffers }) => {
    const builder = build();
    const batchNorms = builder.graph().node!.filter((n) => n.opType === 'BatchNormalization').length;
    const model = netloom.loadModel(builder.bytes(), { readExternal: zeros });
    // An ONNX file keeps running means and variances, but no counter of training steps.
    expect(model.parameters).toBe(params + buffers - batchNorms);
    expect(macsOf(model)).toBe(macs);
    expect(macsAfterPasses(model)).toBe(macs);
  });
});

/** Three digits, as the table of the collection prints counts. */
function threeDigits(n: number): string {
  for (const [unit, size] of [
    ['G', 1e9],
    ['M', 1e6],
    ['k', 1e3],
  ] as const)
    if (n >= size) return `${Number((n / size).toPrecision(3))} ${unit}`;
  return String(n);
}

/** Where netloom counts otherwise than the table, and why. */
const exceptions: Readonly<Record<string, { parameters?: number; macs?: number }>> = {
  // The table leaves out the 3314 elements that are not made by ConstantOfShape.
  'topology-mobilenetv2': { parameters: 3_487_816 },
  // The table leaves out 6144 MACs of rotary embedding and attention, whose shapes follow from a dialect op.
  'microllama-fp32': { macs: 530_432 },
};

describe.skipIf(!hasZoo)(`the collection's table${hasZoo ? '' : ` (skipped: ${whyNoZoo})`}`, () => {
  test.each(zooRows)('$name', ({ name, parameters, macs }) => {
    const { model } = openZooModel(netloom, name);
    const counted = macsOf(model);
    const { parameters: knownParameters, macs: knownMacs } = exceptions[name] ?? {};
    expect(knownParameters === undefined ? threeDigits(model.parameters) : model.parameters).toBe(
      knownParameters ?? parameters,
    );
    expect(knownMacs === undefined ? threeDigits(counted) : counted).toBe(knownMacs ?? macs);
  });
});

describe('TPU v1 (Jouppi et al., ISCA 2017)', () => {
  const tpu = netloom.loadHardware('tpu-v1');
  const weights = externalFloats(repeatedNormals);

  describe.each(paperNets)('$name', ({ build, weights: millions, batch, intensity, bound, useful }) => {
    let run: ReturnType<typeof netloom.estimate>;
    beforeAll(() => {
      const model = netloom.loadModel(build().bytes(), { readExternal: weights });
      run = netloom.estimate(netloom.lower(model, { precision: 'int8' }), tpu, { batch, advice: false });
    });

    test('has the size of the paper', () => {
      expect(run.model.parameters / 1e6).toBeCloseTo(millions, 0);
      expect(run.model.macs / run.model.parameters / intensity).toBeCloseTo(1, 2);
    });

    test(`is bound by ${bound}`, () => expect(run.total.bound).toBe(bound));

    test('uses the share of the peak that was measured, within 8 points', () => {
      expect(Math.abs(run.total.utilisation! - useful)).toBeLessThan(0.08);
    });
  });
});
