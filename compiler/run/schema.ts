import { Type, type Static, type TSchema } from '@sinclair/typebox';
import { bases } from '../../src/base/quantity.ts';
import { bounds } from '../../hw-models/contract.ts';
import { familyNames } from '../../hw-models/schema/machine.ts';

/**
 * run.json: the one document that reports read (DESIGN.md section 13). Field names end in their unit. Adding an optional
 * field keeps the number of the schema; renaming, removing or changing a meaning raises it.
 */
export const runSchemaName = 'netloom/estimate@1';

const strict = { additionalProperties: false } as const;
const text = (description: string) => Type.String({ description });
const whole = (description: string) => Type.Integer({ minimum: 0, description });
const real = (description: string) => Type.Number({ minimum: 0, description });
const share = (description: string) =>
  Type.Union([Type.Number({ minimum: 0, maximum: 1 }), Type.Null()], {
    description: `${description}; null where it means nothing`,
  });
const words = <const W extends readonly string[]>(list: W, description: string) =>
  Type.Unsafe<W[number]>({ type: 'string', enum: [...list], description });

export const QuantitySchema = Type.Object(
  {
    value: real('best estimate'),
    low: real('least likely value'),
    high: real('greatest likely value'),
    basis: words(bases, 'how it is known'),
  },
  { ...strict, description: 'a number with its range' },
);

export const DiagnosticSchema = Type.Object(
  {
    code: text('stable code; netloom explain prints its page'),
    level: words(['error', 'warning', 'note'] as const, 'how serious it is'),
    message: text('one sentence that stands alone'),
    locations: Type.Array(
      Type.Object(
        {
          file: Type.Optional(Type.String()),
          line: Type.Optional(whole('from 1')),
          column: Type.Optional(whole('from 1')),
          pointer: Type.Optional(text('JSON Pointer')),
          offset: Type.Optional(whole('byte offset')),
          node: Type.Optional(text('ONNX node')),
          op: Type.Optional(text('operator and index')),
          tensor: Type.Optional(text('name, format, shape')),
          text: Type.Optional(text("the user's line")),
          width: Type.Optional(whole('width of the marker')),
          hint: Type.Optional(text('said beside the place')),
        },
        strict,
      ),
    ),
    cause: Type.Optional(Type.String()),
    fixes: Type.Array(Type.String()),
    docs: text('command that says more'),
  },
  { ...strict, description: 'one problem, note or warning' },
);

const traffic = Type.Object({ read_bytes: whole('bytes read'), write_bytes: whole('bytes written') }, strict);

export const LayerSchema = Type.Object(
  {
    name: text('the ONNX node that leads the layer'),
    onnx_nodes: Type.Array(Type.String(), { description: 'every ONNX node that this layer stands for' }),
    op: text('ONNX operators of the layer, joined by +'),
    kind: text('netloom op, or the parts of a fused one joined by +'),
    loops: Type.Record(Type.String(), whole('size'), { description: 'loops of the largest nest' }),
    output_shape: Type.Array(whole('size'), { description: 'shape of the first result' }),
    parameters: whole('elements of its constants'),
    macs: whole('multiply-accumulates'),
    precision: text('number format of the products, or of the elements where there are none'),
    unit: text('where it runs: array, vector, simd, tensor-core, simt, kernel, host, none'),
    fallback: Type.Optional(text('why it runs on the host')),
    cycles: whole('of the clock of the machine'),
    latency_s: QuantitySchema,
    energy_j: QuantitySchema,
    energy_by: Type.Record(Type.String(), real('joules'), { description: 'joules by component; they sum to energy_j' }),
    traffic: Type.Record(Type.String(), traffic, { description: 'bytes by memory' }),
    times: Type.Record(Type.String(), real('seconds'), {
      description: 'seconds that compete for or add up to the latency, by cause',
    }),
    utilisation: share('share of the peak reached over the whole time'),
    peak_per_s: real('peak of the unit: MACs, or scalar operations, a second'),
    bound: words(bounds, 'what limits it'),
    mapping: Type.Optional(text('how it lies on the unit')),
    gap: Type.Optional(real('proved distance of the mapping from the optimum')),
  },
  { ...strict, description: 'one task of the schedule' },
);

/** TypeBox's own tuples are of an older draft than the schemas that netloom publishes. */
const edge = Type.Unsafe<[from: number, to: number]>({
  type: 'array',
  prefixItems: [whole('from layer'), whole('to layer')],
  items: false,
  minItems: 2,
});

const resources = Type.Object(
  {
    lut: real('LUTs'),
    ff: real('flip-flops'),
    dsp: real('DSP slices'),
    bram36: real('36-Kibit block RAMs'),
    uram: real('UltraRAMs'),
  },
  strict,
);

export const RunSchema = Type.Object(
  {
    model: Type.Object(
      {
        name: text('file or graph name'),
        sha256: Type.Union([Type.String(), Type.Null()], { description: 'of the model file' }),
        parameters: whole('elements of the constants, small shape constants left out'),
        macs: whole('multiply-accumulates of one batch'),
        nodes: whole('ONNX nodes'),
      },
      { ...strict, description: 'what was priced' },
    ),
    machine: Type.Object(
      {
        name: text('as --on takes it'),
        title: text('full name'),
        family: words(familyNames, 'how it is priced'),
        sha256: Type.Union([Type.String(), Type.Null()], { description: 'of the machine file' }),
        precisions: Type.Array(Type.String(), {
          description: 'formats of products that it has units for, fastest first',
        }),
        peaks: Type.Record(Type.String(), real('MACs a second'), { description: 'peak rate by format' }),
        bandwidths: Type.Record(Type.String(), real('bytes a second'), { description: 'by memory, outermost first' }),
        clock_hz: real('clock'),
        sources: Type.Record(
          Type.String(),
          Type.Object({ text: Type.String(), source: Type.String(), note: Type.Optional(Type.String()) }, strict),
          { description: 'where each number of the machine comes from, by JSON Pointer' },
        ),
        available: Type.Optional(resources),
      },
      { ...strict, description: 'what it was priced on' },
    ),
    precision: text('as --precision takes it'),
    batch: whole('inputs at once'),
    passes: Type.Array(Type.String(), { description: 'that changed the graph, in order' }),
    objective: text('what the schedule was chosen for'),
    total: Type.Object(
      {
        latency_s: QuantitySchema,
        interval_s: QuantitySchema,
        energy_j: QuantitySchema,
        overlap_s: Type.Number({
          description: 'layers together minus the latency: above 0 where they overlap, below it where a stream waits',
        }),
        area_mm2: Type.Optional(QuantitySchema),
        resources: Type.Optional(resources),
        utilisation: share('share of the peak, weighted by time'),
        bound: words(bounds, 'what most of the time is bound by'),
        weight_bytes: whole('as stored'),
        peak_activation_bytes: whole('largest sum of tensors alive at once'),
        fits: Type.Boolean(),
        misfit: Type.Optional(text('why it does not fit')),
        energy_by: Type.Record(Type.String(), real('joules')),
      },
      { ...strict, description: 'of the whole network' },
    ),
    verdict: text('one sentence: what bounds the run, with the numbers'),
    layers: Type.Array(LayerSchema),
    edges: Type.Array(edge, { description: 'which layer feeds which, by index' }),
    removed: Type.Array(Type.Object({ onnx_node: Type.String(), by: Type.String() }, strict), {
      description: 'ONNX nodes that left no task behind, and which pass took them away',
    }),
    memory: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          capacity_bytes: whole('bytes'),
          peak_bytes: whole('bytes'),
          peak_at: Type.Optional(Type.String()),
          spills: Type.Array(Type.Object({ tensor: Type.String(), bytes: whole('bytes') }, strict)),
        },
        strict,
      ),
    ),
    advice: Type.Array(
      Type.Object(
        {
          code: Type.String(),
          layers: Type.Array(Type.String()),
          text: Type.String(),
          try: Type.String(),
          gain: Type.Object({ latency_ratio: real('new over old'), energy_ratio: real('new over old') }, strict),
        },
        strict,
      ),
      { description: 'changes that were priced, best first; each gain is of a run, not a guess' },
    ),
    assumptions: Type.Array(Type.String()),
  },
  { ...strict, description: 'one network on one machine' },
);

export type Run = Static<typeof RunSchema>;
export type RunLayer = Static<typeof LayerSchema>;

/** The envelope of UX.md 1.5 around a kind of data. */
export const envelope = <T extends TSchema>(name: string, data: T) =>
  Type.Object(
    {
      schema: Type.Literal(name),
      tool: Type.Object({ version: Type.String() }, strict),
      ok: Type.Boolean(),
      inputs: Type.Array(
        Type.Object({ path: Type.String(), sha256: Type.Union([Type.String(), Type.Null()]) }, strict),
      ),
      settings: Type.Record(Type.String(), Type.Unknown()),
      data: Type.Union([data, Type.Null()]),
      diagnostics: Type.Array(DiagnosticSchema),
    },
    { ...strict, $id: name },
  );

export const EstimateDocument = envelope(runSchemaName, Type.Object({ runs: Type.Array(RunSchema) }, strict));
export type EstimateDocument = Static<typeof EstimateDocument>;
