import { Type, type Static } from '@sinclair/typebox';
import { envelope } from './schema.ts';

const strict = { additionalProperties: false } as const;
const error = Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
  description: 'null where nothing can be compared',
});

export const SimulateData = Type.Object(
  {
    outputs: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          format: Type.String(),
          shape: Type.Array(Type.Integer({ minimum: 0 })),
          max_abs_error: error,
          max_rel_error: error,
          relative_l2_error: Type.Union([Type.Number({ minimum: 0 }), Type.Null()], {
            description: 'norm of the difference over the norm of the expected values',
          }),
          mismatched: Type.Union([Type.Integer({ minimum: 0 }), Type.Null()], {
            description: 'elements outside the tolerance; null without expected values',
          }),
          ok: Type.Union([Type.Boolean(), Type.Null()]),
          reason: Type.Optional(Type.String()),
        },
        strict,
      ),
    ),
    tolerance: Type.Object(
      { relative: Type.Number(), absolute: Type.Number({ description: 'of the largest magnitude in the output' }) },
      strict,
    ),
  },
  strict,
);
export type SimulateData = Static<typeof SimulateData>;
export const SimulateDocument = envelope('netloom/simulate@1', SimulateData);

export const ConformanceData = Type.Object(
  {
    passed: Type.Integer({ minimum: 0 }),
    failed: Type.Integer({ minimum: 0 }),
    unsupported: Type.Integer({ minimum: 0 }),
    cases: Type.Array(
      Type.Object(
        {
          name: Type.String(),
          ops: Type.Array(Type.String()),
          status: Type.Unsafe<'passed' | 'failed' | 'unsupported'>({
            type: 'string',
            enum: ['passed', 'failed', 'unsupported'],
          }),
          reason: Type.Optional(Type.String()),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type ConformanceData = Static<typeof ConformanceData>;
export const ConformanceDocument = envelope('netloom/conformance@1', ConformanceData);
