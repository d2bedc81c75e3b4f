import { Type, type Static } from '@sinclair/typebox';
import { envelope, RunSchema, type Run } from '../compiler/run/schema.ts';
import { labelOf, layerDeltas } from '../reports/compare.ts';

const strict = { additionalProperties: false } as const;
const number = Type.Union([Type.Number(), Type.Null()]);

export const Comparison = Type.Object(
  {
    runs: Type.Array(
      Type.Object(
        { name: Type.String(), total: RunSchema.properties.total, latency_ratio: number, energy_ratio: number },
        strict,
      ),
    ),
    layers: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          latency_before_s: number,
          latency_after_s: number,
          ratio: number,
          energy_before_j: number,
          energy_after_j: number,
        },
        { ...strict, description: 'first run against the second' },
      ),
    ),
  },
  strict,
);
export type Comparison = Static<typeof Comparison>;
export const CompareDocument = envelope('netloom/compare@1', Comparison);

const ratio = (a: number | null, b: number | null): number | null =>
  a === null || b === null || b === 0 ? null : a / b;

/** Two or more runs side by side: totals with their ratio to the first, and the layers of the first two matched by name. */
export function compareRuns(runs: readonly Run[]): Comparison {
  const [first, second] = runs;
  return {
    runs: runs.map((r) => ({
      name: labelOf(r),
      total: r.total,
      latency_ratio: ratio(r.total.latency_s.value, first!.total.latency_s.value),
      energy_ratio: ratio(r.total.energy_j.value, first!.total.energy_j.value),
    })),
    layers:
      first && second
        ? layerDeltas(first, second).map((d) => ({
            name: d.layer,
            latency_before_s: d.before,
            latency_after_s: d.after,
            ratio: ratio(d.after, d.before),
            energy_before_j: d.energyBefore,
            energy_after_j: d.energyAfter,
          }))
        : [],
  };
}
