import { Type, type Static } from '@sinclair/typebox';
import { measured, name, plain, prose, share, whole, words } from './fields.ts';

export const strict = { additionalProperties: false } as const;

/** Bounds of what hardware can be: far outside what exists, so that only slips are refused. */
export const frequency = (doc: string) => measured('frequency', doc, 1e3, 1e11);
export const size = (doc: string) => measured('size', doc, 1, 2 ** 60);
export const bandwidth = (doc: string) => measured('bandwidth', doc, 1, 1e17);
export const time = (doc: string) => measured('time', doc, 0, 1e4);
export const energy = (doc: string) => measured('energy', doc, 0, 1);
export const power = (doc: string) => measured('power', doc, 0, 1e6);

export const memoryKinds = ['dram', 'flash', 'sram', 'cache', 'registers'] as const;
export const dramTypes = [
  'ddr3',
  'ddr4',
  'ddr5',
  'lpddr3',
  'lpddr4',
  'lpddr5',
  'gddr5',
  'gddr6',
  'gddr6x',
  'hbm2',
  'hbm2e',
  'hbm3',
  'hbm3e',
] as const;
export const operandRoles = ['input', 'weight', 'output'] as const;

/** One memory. Machines list theirs from the outermost (DRAM) to the innermost. */
export const Memory = Type.Object(
  {
    name: name('as reports show it'),
    kind: words('what it is made of', memoryKinds),
    type: Type.Optional(words('kind of DRAM; decides the energy per byte when none is given', dramTypes)),
    size: size('bytes of one instance'),
    instances: Type.Optional(whole('how many there are (one per core, SM, ...); 1 when absent', 1, 1e6)),
    bandwidth: bandwidth('bytes a second towards the compute units, all instances together, reads and writes'),
    energy: Type.Optional(
      measured('energyPerByte', 'per byte read or written; from the technology tables when absent', 0, 1e-6),
    ),
    holds: Type.Optional(
      Type.Array(words('what it may hold', operandRoles), {
        minItems: 1,
        maxItems: 3,
        description: 'operands it may hold; all when absent',
      }),
    ),
    keepsWeights: Type.Optional(
      Type.Boolean({ description: 'true when weights that fit stay here from one input to the next' }),
    ),
    doubleBuffered: Type.Optional(
      Type.Boolean({ description: 'true when half of it is filled while the other half is used' }),
    ),
  },
  { ...strict, description: 'one memory' },
);
export type Memory = Static<typeof Memory>;

const formatPattern = '^(f64|f32|tf32|f16|bf16|f8e4m3fn|f4e2m1|i32|i16|i8|i4|i2|ternary|bipolar)$';
export const formatName = Type.String({ pattern: formatPattern, maxLength: 16 });

/** MACs by number format of the factors. A format that is not listed runs in the narrowest listed one that can hold it, else on the host. */
export const rateByFormat = (doc: string, high: number) =>
  Type.Record(Type.String({ pattern: formatPattern }), plain(doc, 1e-6, high), {
    description: `${doc}, by number format`,
    additionalProperties: false,
    minProperties: 1,
  });

export const commonFields = {
  $schema: Type.Optional(Type.String({ maxLength: 300 })),
  name: Type.String({
    description: 'unique, in lower case, as --on takes it',
    pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
    maxLength: 64,
  }),
  title: prose('full name of the product or design'),
  summary: Type.Optional(prose('one sentence: what it is and what the file leaves out')),
  year: Type.Optional(Type.Integer({ minimum: 1980, maximum: 2100 })),
  clock: frequency('clock of the compute units under load'),
  technology: Type.Object(
    {
      node: measured('length', 'feature size of the process', 1, 1000),
      voltage: Type.Optional(measured('voltage', 'supply; the nominal one of the node when absent', 0.2, 5)),
    },
    { ...strict, description: 'process; decides energies that are not given' },
  ),
  power: Type.Object(
    {
      idle: power('drawn whether or not anything runs, by what the file describes'),
      tdp: Type.Optional(power('design limit')),
    },
    { ...strict, description: 'power' },
  ),
  area: Type.Optional(measured('area', 'die', 0.0001, 1e6)),
  memory: Type.Array(Memory, { minItems: 1, maxItems: 8, description: 'memories, outermost first' }),
  launch: time('fixed cost of starting one kernel or layer'),
  host: Type.Optional(
    Type.Object(
      {
        machine: Type.String({ description: 'preset that runs what this machine cannot', maxLength: 64 }),
        link: bandwidth('between host and machine'),
        latency: time('of one transfer'),
      },
      { ...strict, description: 'who runs what the machine cannot' },
    ),
  ),
  energy: Type.Optional(
    Type.Object(
      {
        macs: Type.Optional(
          Type.Record(Type.String({ pattern: '^[a-z][a-z0-9]{0,15}$' }), energy('one MAC'), {
            additionalProperties: false,
            description: 'joules of one MAC by format; from the technology tables when absent',
          }),
        ),
        instruction: Type.Optional(energy('fetching, decoding and scheduling one (vector) instruction')),
      },
      { ...strict, description: 'energies that are known better than the technology tables know them' },
    ),
  ),
  uncertainty: Type.Object(
    {
      time: plain('factor by which the true time may be longer or shorter', 1, 10),
      energy: plain('factor by which the true energy may be higher or lower', 1, 20),
    },
    {
      ...strict,
      description:
        'how far the model may be off, as factors; from comparisons with published figures where the source says so',
    },
  ),
  efficiency: share('share of the peak that well-tuned kernels reach on large, regular layers'),
};
