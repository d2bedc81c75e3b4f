import { Type } from '@sinclair/typebox';
import { InspectDocument } from '../compiler/run/inspect.ts';
import { DiagnosticSchema, envelope, EstimateDocument } from '../compiler/run/schema.ts';
import { ConformanceDocument, SimulateDocument } from '../compiler/run/simulate-data.ts';
import { machineSchemas } from '../hw-models/schema/machine.ts';
import { CompareDocument } from './compare.ts';
import { ExplainDocument } from './explain/layer.ts';
import { PageDocument } from './explain/pages.ts';

const dialect = 'https://json-schema.org/draft/2020-12/schema';
const published = (schema: object): object => ({ $schema: dialect, ...(JSON.parse(JSON.stringify(schema)) as object) });

const strict = { additionalProperties: false } as const;
const orNull = <T extends ReturnType<typeof Type.String> | ReturnType<typeof Type.Number>>(type: T) =>
  Type.Union([type, Type.Null()]);
const real = Type.Number({ minimum: 0 });
const cell = Type.Union([Type.String(), Type.Number(), Type.Null()]);

/** Small documents, of commands that have no other use for their types. */
const small = {
  graph: Type.Object(
    {
      nodes: Type.Array(
        Type.Object(
          {
            name: Type.String(),
            op: Type.String(),
            inputs: Type.Array(Type.String()),
            outputs: Type.Array(Type.String()),
          },
          strict,
        ),
      ),
    },
    strict,
  ),
  'hw-list': Type.Array(
    Type.Object(
      {
        name: Type.String(),
        title: Type.String(),
        family: Type.String(),
        peak_macs_per_s: real,
        peak_format: Type.String(),
        bandwidth_bytes_per_s: real,
        idle_w: real,
        host: orNull(Type.String()),
      },
      strict,
    ),
  ),
  'hw-show': Type.Object(
    {
      file: Type.Record(Type.String(), Type.Unknown(), {
        description: 'the machine file; see the schema of its family',
      }),
      resolved: Type.Optional(
        Type.Record(Type.String(), Type.Unknown(), { description: 'with numbers in base units' }),
      ),
      derived: Type.Optional(
        Type.Array(Type.Object({ what: Type.String(), value: cell, from: cell }, strict), {
          description: 'what follows from the file and the technology tables',
        }),
      ),
    },
    strict,
  ),
  'hw-validate': Type.Array(
    Type.Object({ machine: Type.String(), ok: Type.Boolean(), diagnostics: Type.Array(DiagnosticSchema) }, strict),
  ),
  'hw-new': Type.Object({ file: Type.String(), name: Type.String(), from: Type.String() }, strict),
  'hw-diff': Type.Array(
    Type.Object(
      {
        field: Type.String(),
        before: orNull(Type.String()),
        after: orNull(Type.String()),
        ratio: orNull(Type.Number()),
      },
      strict,
    ),
  ),
  schema: Type.Array(Type.String(), { description: 'names of schemas' }),
  doctor: Type.Object(
    {
      checks: Type.Array(
        Type.Object(
          { name: Type.String(), result: Type.String(), ok: Type.Boolean(), optional: Type.Boolean() },
          strict,
        ),
      ),
    },
    strict,
  ),
  error: Type.Null({ description: 'what a command line that could not be run leaves' }),
};

/** Every schema that netloom publishes: documents it prints, and machine files it reads. */
export const schemas: Readonly<Record<string, object>> = {
  estimate: published(EstimateDocument),
  inspect: published(InspectDocument),
  simulate: published(SimulateDocument),
  conformance: published(ConformanceDocument),
  compare: published(CompareDocument),
  explain: published(ExplainDocument),
  page: published(PageDocument),
  ...Object.fromEntries(
    Object.entries(small).map(([name, data]) => [name, published(envelope(`netloom/${name}@1`, data))]),
  ),
  ...Object.fromEntries(
    Object.entries(machineSchemas).map(([family, schema]) => [`machine-${family}`, published(schema)]),
  ),
};
