import { InspectDocument } from '../compiler/run/inspect.ts';
import { EstimateDocument } from '../compiler/run/schema.ts';
import { ConformanceDocument, SimulateDocument } from '../compiler/run/simulate-data.ts';
import { machineSchemas } from '../hw-models/schema/machine.ts';
import { CompareDocument } from './compare.ts';
import { ExplainDocument } from './explain/layer.ts';

const dialect = 'https://json-schema.org/draft/2020-12/schema';
const published = (schema: object): object => ({ $schema: dialect, ...(JSON.parse(JSON.stringify(schema)) as object) });

/** Every schema that netloom publishes: documents it prints, and machine files it reads. */
export const schemas: Readonly<Record<string, object>> = {
  estimate: published(EstimateDocument),
  inspect: published(InspectDocument),
  simulate: published(SimulateDocument),
  conformance: published(ConformanceDocument),
  compare: published(CompareDocument),
  explain: published(ExplainDocument),
  ...Object.fromEntries(Object.entries(machineSchemas).map(([family, schema]) => [`machine-${family}`, published(schema)])),
};
