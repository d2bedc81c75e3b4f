/** Laws of every number format, and an independent reading of the bit patterns of floats. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { formatNamed, formatOfCode, formats, int, type Format } from '../../compiler/formats/index.ts';
import { readTensor, type ReadExternal } from '../../compiler/onnx/tensors.ts';
import { allocate, numbers } from '../../compiler/tensor/tensor.ts';

fc.configureGlobal({ seed: 1 });

const numeric = formats.filter((f) => f.kind !== 'text');
const named = (name: string): Format => formatNamed(name)!;
const noFiles: ReadExternal = () => expect.unreachable('no external data here');

/** Numbers where formats have their edges: around powers of two, halves, limits. */
const edges = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc
    .tuple(fc.integer({ min: -150, max: 130 }), fc.integer({ min: -9, max: 9 }), fc.integer({ min: -1, max: 1 }))
    .map(([e, m, s]) => s * 2 ** e * (1 + m / 8)),
  fc.integer({ min: -70000, max: 70000 }).map((n) => n / 4),
);

/** The values of a narrow float, least first, by reading all its codes from raw_data. */
function valuesOf(format: Format): number[] {
  const n = 2 ** format.bits;
  const codes = Uint32Array.from({ length: n }, (_, i) => i);
  const rawData =
    format.bits === 16
      ? new Uint8Array(Uint16Array.from(codes).buffer)
      : format.bits === 8
        ? Uint8Array.from(codes)
        : Uint8Array.from({ length: n / 2 }, (_, i) => (2 * i) | ((2 * i + 1) << 4));
  return [...(numbers(readTensor({ dataType: format.onnx!, dims: [n], rawData }, {}, noFiles)) as Float32Array)];
}

describe.each(numeric.map((f) => [f.name, f] as const))('%s', (_, format) => {
  test('rounding twice is rounding once, stays in range and keeps order', () => {
    fc.assert(
      fc.property(edges, edges, (a, b) => {
        const [x, y] = [format.round(a), format.round(b)];
        expect(format.round(x)).toBe(x);
        if (Number.isFinite(x)) {
          expect(x).toBeGreaterThanOrEqual(format.min);
          expect(x).toBeLessThanOrEqual(format.max);
        }
        // Truth is not an order, and powers of two have no sign.
        if (format.kind !== 'bool' && format.signed && a <= b) expect(x).toBeLessThanOrEqual(y);
      }),
    );
  });

  test('the limits and what lies beyond them', () => {
    expect(format.round(format.max)).toBe(format.max);
    expect(format.round(format.min)).toBe(format.min);
    if (format.kind === 'int') {
      expect(format.round(Infinity)).toBe(format.max);
      expect(format.round(-Infinity)).toBe(format.min);
      expect(format.round(NaN)).toBe(0);
    }
  });

  test('its storage holds each of its values', () => {
    if (format.storage === 'i64' || format.storage === 'u64') return;
    const cell = allocate(format, 1) as Float64Array;
    for (const x of [format.min, format.max, format.round(1), format.round(0.3)]) {
      cell[0] = x;
      expect(cell[0]).toBe(x);
    }
  });

  test('names and ONNX codes lead back to it', () => {
    expect(formatNamed(format.name)).toBe(format);
    if (format.onnx !== undefined) expect(formatOfCode(format.onnx)).toBe(format);
  });
});

describe.each(['f16', 'bf16', 'f8e4m3fn', 'f8e4m3fnuz', 'f8e5m2', 'f8e5m2fnuz', 'f4e2m1'])(
  '%s against its codes',
  (name) => {
    const format = named(name);
    const finite = [...new Set(valuesOf(format).filter(Number.isFinite))].sort((a, b) => a - b);

    test('every code is a value of the format', () => {
      for (const x of finite) expect(format.round(x) + 0).toBe(x + 0);
      expect([finite[0], finite.at(-1)]).toEqual([format.min, format.max]);
    });

    test('between two codes the nearer wins, and ties go to the even code', () => {
      const positive = finite.filter((x) => x >= 0);
      for (let i = 0; i + 1 < positive.length; i += name.endsWith('16') ? 37 : 1) {
        const [low, high] = [positive[i]!, positive[i + 1]!];
        const middle = (low + high) / 2;
        expect(format.round(middle)).toBe(i % 2 === 0 ? low : high);
        expect(format.round(low + (high - low) * 0.49)).toBe(low);
        expect(-format.round(-(low + (high - low) * 0.51))).toBe(high);
      }
    });
  },
);

test('codes of f16 stand for what IEEE 754 says', () => {
  valuesOf(named('f16')).forEach((got, code) => {
    const [sign, exponent, fraction] = [code >> 15 ? -1 : 1, (code >> 10) & 31, code & 1023];
    const wanted =
      exponent === 31
        ? fraction === 0
          ? sign * Infinity
          : NaN
        : exponent === 0
          ? sign * fraction * 2 ** -24
          : sign * (1024 + fraction) * 2 ** (exponent - 25);
    expect(got).toBe(wanted);
  });
});

test('codes of bf16 are the upper halves of f32', () => {
  const view = new DataView(new ArrayBuffer(4));
  valuesOf(named('bf16')).forEach((got, code) => {
    view.setUint32(0, code * 65536);
    expect(got).toBe(view.getFloat32(0));
  });
});

// arXiv:2209.05433 table 1, arXiv:2206.02915, OCP microscaling formats 1.0 tables 4 to 7.
test.each([
  ['f8e4m3fn', 0x7e, 448],
  ['f8e4m3fn', 0x7f, NaN],
  ['f8e4m3fn', 0x01, 2 ** -9],
  ['f8e4m3fn', 0x08, 2 ** -6],
  ['f8e5m2', 0x7b, 57344],
  ['f8e5m2', 0x7c, Infinity],
  ['f8e5m2', 0x7d, NaN],
  ['f8e5m2', 0x01, 2 ** -16],
  ['f8e4m3fnuz', 0x7f, 240],
  ['f8e4m3fnuz', 0x80, NaN],
  ['f8e4m3fnuz', 0x01, 2 ** -10],
  ['f8e5m2fnuz', 0x7f, 57344],
  ['f8e5m2fnuz', 0x80, NaN],
  ['f8e5m2fnuz', 0x01, 2 ** -17],
  ['f8e8m0', 0x00, 2 ** -127],
  ['f8e8m0', 0x7f, 1],
  ['f8e8m0', 0xff, NaN],
] as const)('%s: code %i is %d', (name, code, value) => expect(valuesOf(named(name))[code]).toBe(value));

test('f4e2m1 holds these sixteen', () =>
  expect(valuesOf(named('f4e2m1'))).toEqual([0, 0.5, 1, 1.5, 2, 3, 4, 6, -0, -0.5, -1, -1.5, -2, -3, -4, -6]));

// The table of the page of ONNX Cast: overflow with and without saturation.
test.each([
  ['f8e4m3fn', 1e6, 448, NaN],
  ['f8e4m3fn', -Infinity, -448, NaN],
  ['f8e5m2', 1e6, 57344, Infinity],
  ['f8e5m2', -Infinity, -57344, -Infinity],
  ['f8e4m3fnuz', 1e6, 240, NaN],
  ['f8e5m2fnuz', Infinity, 57344, NaN],
  ['f16', 65520, Infinity, Infinity],
  ['f16', 65519, 65504, 65504],
  ['bf16', 3.4e38, Infinity, Infinity],
] as const)('%s: cast of %d', (name, x, saturated, free) => {
  expect(named(name).cast(x, true)).toBe(saturated);
  expect(named(name).cast(x, false)).toBe(free);
});

test('negative zero stays, but for the formats without one', () => {
  for (const name of ['f16', 'bf16', 'f8e4m3fn', 'f8e5m2', 'f4e2m1'])
    expect(Object.is(named(name).round(-0), -0)).toBe(true);
  for (const name of ['f8e4m3fnuz', 'f8e5m2fnuz']) expect(Object.is(named(name).round(-1e-30), 0)).toBe(true);
});

test('powers of two: zero and infinity', () => {
  const { round } = named('f8e8m0');
  expect([round(0), round(1.4), round(1.5), round(3), round(1e39)]).toEqual([2 ** -127, 1, 2, 4, 2 ** 127]);
  expect([round(Infinity), round(NaN)]).toEqual([NaN, NaN]);
});

test('f32 is what Float32Array says', () => {
  fc.assert(
    fc.property(edges, (x) => {
      expect(named('f32').round(x)).toBe(Float32Array.of(x)[0]);
    }),
  );
});

test('integers of every width: truncation and wrap against BigInt', () => {
  const any = fc.tuple(
    fc.integer({ min: 1, max: 32 }),
    fc.boolean(),
    fc.double({ min: -(2 ** 52), max: 2 ** 52, noNaN: true }),
  );
  fc.assert(
    fc.property(any, ([bits, signed, x]) => {
      const whole = BigInt(Math.trunc(x));
      expect(int(bits, signed).cast(x) + 0).toBe(
        Number(signed ? BigInt.asIntN(bits, whole) : BigInt.asUintN(bits, whole)),
      );
    }),
  );
});

test('integers round half to even and saturate', () => {
  expect([0.5, 1.5, 2.5, -0.5, -1.5, 126.5, 127.5, 1e9].map((x) => named('i8').round(x) + 0)).toEqual([
    0, 2, 2, 0, -2, 126, 127, 127,
  ]);
});

test('signs: ternary rounds ties to even, bipolar takes zero as +1; NaN is true and no sign', () => {
  expect([-9, -0.51, -0.5, 0, 0.5, 0.51, 9].map((x) => named('ternary').round(x) + 0)).toEqual([-1, -1, 0, 0, 0, 1, 1]);
  expect([-0.1, 0, 0.1].map((x) => named('bipolar').round(x))).toEqual([-1, 1, 1]);
  expect([named('ternary').round(NaN), named('bool').cast(NaN), named('bool').cast(-0)]).toEqual([0, 1, 0]);
});

test.each(['i0', 'u65', 'f7', 'i07', '', '__proto__', 'i1000'])('there is no format %o', (name) =>
  expect(formatNamed(name)).toBeUndefined(),
);
test.each(['i1', 'u1', 'i17', 'u63', 'i64'])('%s is an integer', (name) => expect(named(name).name).toBe(name));
