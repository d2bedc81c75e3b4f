import { Type, type Static } from '@sinclair/typebox';
import { opKinds } from '../work/types.ts';
import { bandwidth, commonFields, formatName, rateByFormat, strict } from './common.ts';
import { measured, name, plain, share, whole, words } from './fields.ts';

const vectorUnit = Type.Object(
  {
    perCycle: plain('scalar operations a cycle on 32-bit elements, whole machine', 0.01, 1e7),
    special: plain('operations that one exp, log, tanh or division costs', 1, 1000),
    formats: Type.Optional(
      Type.Array(formatName, {
        minItems: 1,
        maxItems: 32,
        description: 'number formats it computes in; all when absent',
      }),
    ),
    operations: Type.Optional(
      Type.Array(words('kind', opKinds), {
        minItems: 1,
        maxItems: 16,
        description: 'kinds of operations it has; all when absent',
      }),
    ),
  },
  { ...strict, description: 'unit for everything that is not a sum of products' },
);

export const CpuMachine = Type.Object(
  {
    ...commonFields,
    family: Type.Literal('cpu'),
    cores: whole('cores that work on one network', 1, 4096),
    simd: Type.Object(
      {
        bits: whole('width of a vector register; 32 for a scalar core', 8, 65536),
        ports: plain('vector instructions a cycle and core', 0.01, 16),
        special: plain('vector instructions that one exp, log, tanh or division costs', 1, 1000),
      },
      { ...strict, description: 'vector unit of one core' },
    ),
    macs: rateByFormat('MACs a cycle and core', 65536),
  },
  { ...strict, $id: 'netloom/machine-cpu@1', description: 'a CPU or microcontroller' },
);
export type CpuMachine = Static<typeof CpuMachine>;

export const GpuMachine = Type.Object(
  {
    ...commonFields,
    family: Type.Literal('gpu'),
    sms: whole('streaming multiprocessors', 1, 4096),
    tensor: Type.Optional(rateByFormat('dense MACs a cycle and SM on the matrix units', 1e6)),
    simt: rateByFormat('MACs a cycle and SM on the scalar cores', 1e5),
    special: plain('exp, log or similar a cycle and SM', 0.01, 1e4),
    tiles: Type.Array(Type.Array(Type.Integer({ minimum: 1, maximum: 4096 }), { minItems: 2, maxItems: 2 }), {
      minItems: 1,
      maxItems: 16,
      description: 'output tiles [rows, columns] that kernels exist for',
    }),
    blocksPerSm: whole('thread blocks of a GEMM that one SM runs at once', 1, 64),
  },
  { ...strict, $id: 'netloom/machine-gpu@1', description: 'a GPU' },
);
export type GpuMachine = Static<typeof GpuMachine>;

export const TpuMachine = Type.Object(
  {
    ...commonFields,
    family: Type.Literal('tpu'),
    arrays: whole('systolic arrays that work on one network', 1, 4096),
    array: Type.Object(
      { rows: whole('cells along the summed axis', 1, 65536), cols: whole('cells along the result columns', 1, 65536) },
      { ...strict, description: 'one systolic array' },
    ),
    dataflow: words('what stays in the cells', ['weight-stationary', 'output-stationary', 'input-stationary']),
    macs: rateByFormat(
      'MACs a cycle and cell (1 for the native format, less where a wider one takes several passes)',
      64,
    ),
    accumulators: Type.Optional(whole('result rows that can be held while further sums are added', 1, 1e9)),
    hidesWeightLoad: Type.Boolean({
      description: 'true when the next tile of weights is shifted in while the array works',
    }),
    vector: vectorUnit,
  },
  { ...strict, $id: 'netloom/machine-tpu@1', description: 'a systolic array with a vector unit' },
);
export type TpuMachine = Static<typeof TpuMachine>;

/** What may lie along a dimension of an array: groups, batches; filters; channels; window taps; output pixels. */
export const spatialRoles = ['groups', 'filters', 'channels', 'taps', 'pixels'] as const;

export const AsicMachine = Type.Object(
  {
    ...commonFields,
    family: Type.Literal('asic'),
    array: Type.Array(
      Type.Object(
        {
          name: name('of the dimension'),
          size: whole('processing elements (or lanes) along it', 1, 1e6),
          unroll: Type.Array(words('loops', spatialRoles), {
            minItems: 1,
            maxItems: 5,
            description: 'loops that may lie along it',
          }),
        },
        { ...strict, description: 'one dimension of the array' },
      ),
      { minItems: 1, maxItems: 6, description: 'dimensions of the array of multipliers' },
    ),
    macs: rateByFormat('MACs a cycle and multiplier', 4096),
    skipping: Type.Optional(
      Type.Object(
        {
          weights: Type.Optional(words('zero weights', ['skip', 'gate'])),
          inputs: Type.Optional(words('zero activations', ['skip', 'gate'])),
          balance: Type.Optional(share('share of the ideal gain that load imbalance leaves')),
        },
        { ...strict, description: 'what zeros save: skip saves time and energy, gate saves energy' },
      ),
    ),
    vector: vectorUnit,
  },
  { ...strict, $id: 'netloom/machine-asic@1', description: 'an array of processing elements with its own memories' },
);
export type AsicMachine = Static<typeof AsicMachine>;

export const FpgaMachine = Type.Object(
  {
    ...commonFields,
    family: Type.Literal('fpga'),
    part: Type.String({ description: "vendor's part number", maxLength: 64 }),
    fabric: Type.Object(
      {
        lut: whole('six-input look-up tables', 1, 1e8),
        ff: whole('flip-flops', 1, 1e8),
        dsp: whole('DSP slices', 0, 1e6),
        bram36: whole('36-Kibit block RAMs', 0, 1e6),
        uram: whole('288-Kibit UltraRAMs', 0, 1e6),
      },
      { ...strict, description: 'what the device has' },
    ),
    dspKind: words('kind of DSP slice', ['dsp48e1', 'dsp48e2', 'dsp58']),
    margin: Type.Object(
      {
        lut: share('of the LUTs'),
        ff: share('of the flip-flops'),
        dsp: share('of the DSPs'),
        bram: share('of the block RAMs and UltraRAMs'),
      },
      { ...strict, description: 'share of each resource that a design may plan with, so that it still closes timing' },
    ),
    shell: Type.Optional(
      Type.Object(
        {
          lut: whole('LUTs', 0, 1e8),
          ff: whole('flip-flops', 0, 1e8),
          bram36: whole('block RAMs', 0, 1e6),
          dsp: whole('DSPs', 0, 1e6),
        },
        { ...strict, description: 'taken by DMA, interconnect and control' },
      ),
    ),
    stream: bandwidth('bytes a second between memory and the first and last kernel'),
    energyPer: Type.Object(
      {
        lut: measured('energy', 'one LUT with its flip-flop and routing, one active cycle', 0, 1e-6),
        dsp: measured('energy', 'one DSP operation', 0, 1e-6),
        bram: measured('energy', 'one access of a block RAM', 0, 1e-6),
      },
      { ...strict, description: 'dynamic energy of the primitives' },
    ),
  },
  { ...strict, $id: 'netloom/machine-fpga@1', description: 'an FPGA board' },
);
export type FpgaMachine = Static<typeof FpgaMachine>;
