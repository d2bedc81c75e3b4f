/** The shared vocabulary: units, quantities, suggestions, JSON, random numbers, diagnostics. */
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  fail,
  InternalError,
  isNetloomError,
  isOutOfMemory,
  NetloomError,
  Problems,
  type Diagnostic,
} from '../../src/base/diagnostics.ts';
import { optionFileLimits, pointerOf, readJson } from '../../src/base/json.ts';
import { bases, exactly, quantity, scaled, sum } from '../../src/base/quantity.ts';
import { seededRandom } from '../../src/base/random.ts';
import { closest, didYouMean, editDistance } from '../../src/base/suggest.ts';
import { columns, padEnd, padStart, plural, shorten } from '../../src/base/text.ts';
import { parseQuantity, show, unitsOf, type Dimension } from '../../src/base/units.ts';

fc.configureGlobal({ seed: 1 });

const faults = (run: () => unknown): readonly Diagnostic[] => {
  try {
    run();
  } catch (e) {
    if (isNetloomError(e)) return e.diagnostics;
    throw e;
  }
  return [];
};

describe('units', () => {
  const dimensions: Dimension[] = [
    'frequency',
    'size',
    'bandwidth',
    'width',
    'time',
    'energy',
    'energyPerByte',
    'power',
    'area',
    'length',
    'voltage',
    'rate',
    'ratio',
  ];

  test.each(dimensions)('%s: each unit is read, alone and with a space, and scales', (dimension) => {
    for (const unit of unitsOf(dimension)) {
      const one = parseQuantity(`1 ${unit}`, dimension)!;
      expect(one).toBeGreaterThan(0);
      expect(parseQuantity(`1${unit}`, dimension)).toBe(one);
      expect(parseQuantity(`2.5 ${unit}`, dimension)).toBeCloseTo(2.5 * one, 12);
    }
  });

  test.each([
    ['34 GB/s', 'bandwidth', 34e9],
    ['24 MiB', 'size', 24 * 2 ** 20],
    ['1 Kib', 'size', 128],
    ['1 pJ/b', 'energyPerByte', 8e-12],
    ['1 MAC/s', 'rate', 2],
    ['80%', 'ratio', 0.8],
    ['1e3 Hz', 'frequency', 1000],
  ] as const)('%s', (text, dimension, value) => expect(parseQuantity(text, dimension)).toBeCloseTo(value, 12));

  test.each([
    '',
    '480',
    'MHz',
    '-1 MHz',
    '+1 MHz',
    '1  MHz',
    ' 1 MHz',
    '1 mhz',
    '1 MB',
    'NaN MHz',
    'Infinity MHz',
    '1e999 MHz',
    '0x1 MHz',
    '1,5 MHz',
    '1 MHz MHz',
    '1e3',
    '.5 MHz',
    '5. MHz',
    `${'9'.repeat(40)} Hz`,
  ])('%o is no frequency', (text) => expect(parseQuantity(text, 'frequency')).toBeUndefined());

  test('what is shown is read back within its digits', () => {
    const magnitude = fc.double({ min: 1e-14, max: 9e14, noNaN: true });
    const close = (text: string, dimension: Dimension, x: number): void => {
      const back = parseQuantity(text, dimension);
      expect(back, text).toBeDefined();
      expect(Math.abs(back! - x) / x).toBeLessThanOrEqual(0.0051);
    };
    fc.assert(
      fc.property(magnitude, (x) => {
        if (x >= 1e-14 && x < 1e6) close(show.seconds(x), 'time', x);
        close(show.joules(Math.min(x, 1e6)), 'energy', Math.min(x, 1e6));
        if (x >= 1) close(show.bytes(x), 'size', x);
        if (x >= 1) close(show.rate(x, 'B/s'), 'bandwidth', x);
      }),
    );
  });

  test.each([
    [show.bytes(999.9 * 1024), '1000 KiB'],
    [show.bytes(1023.9 * 1024), '1 MiB'],
    [show.bytes(1024), '1 KiB'],
    [show.bytes(1023), '1020 B'],
    [show.bytes(0), '0 B'],
    [show.rate(999.9e6, 'B/s'), '1 GB/s'],
    [show.rate(999.4e6, 'B/s'), '999 MB/s'],
    [show.seconds(0), '0 s'],
    [show.joules(0), '0 J'],
    [show.seconds(0.99999e-3), '1 ms'],
    [show.seconds(1e-18), '0.001 fs'],
    [show.seconds(NaN), '? s'],
    [show.seconds(-2e-3), '-2 ms'],
    [show.watts(0.0012), '1.2 mW'],
    [show.watts(75), '75 W'],
    [show.count(1234), '1.23k'],
    [show.count(0), '0'],
    [show.whole(1234567), '1,234,567'],
    [show.whole(-123456), '-123,456'],
    [show.percent(1), '100 %'],
    [show.percent(0.12345), '12.3 %'],
    [show.percent(Infinity), '? %'],
  ])('%s is %s', (shown, wanted) => expect(shown).toBe(wanted));
});

describe('quantities', () => {
  test('sums add values and ranges in order, and keep the weakest basis', () => {
    const parts = [quantity(1, 0.5, 2, 'measured'), exactly(2, 'simulated'), quantity(3, 3, 4, 'measured')];
    expect(sum(parts)).toEqual({ value: 6, low: 5.5, high: 8, basis: 'simulated' });
    expect(sum([])).toEqual({ value: 0, low: 0, high: 0, basis: 'analytical' });
    expect(scaled(parts[0]!, 3)).toEqual({ value: 3, low: 1.5, high: 6, basis: 'measured' });
    for (const basis of bases) expect(sum([exactly(1, basis), exactly(1)]).basis).toBe('analytical');
  });
});

describe('suggestions', () => {
  test('the distance is a metric on short names, and one swap is one step', () => {
    const word = fc.string({ maxLength: 8 });
    fc.assert(
      fc.property(word, word, (a, b) => {
        expect(editDistance(a, b)).toBe(editDistance(b, a));
        expect(editDistance(a, b) === 0).toBe(a === b);
        expect(editDistance(a, b)).toBeLessThanOrEqual(Math.max(a.length, b.length));
        expect(editDistance(a, b)).toBeGreaterThanOrEqual(Math.abs(a.length - b.length));
      }),
    );
    expect([editDistance('conv', 'cnov'), editDistance('bandwith', 'bandwidth'), editDistance('', 'ab')]).toEqual([
      1, 1, 2,
    ]);
  });

  test.each([
    ['bandwith', 'bandwidth'],
    ['BANDWIDTH', 'bandwidth'],
    ['tpuv1', 'tpu-v1'],
    ['zzzzzz', undefined],
    ['', undefined],
    ['q', undefined],
    ['x'.repeat(100), undefined],
  ])('%o means %o', (typed, meant) => expect(closest(typed, ['bandwidth', 'tpu-v1', 'y'])).toBe(meant));

  test('ties go to the first, and the sentence is empty without one', () => {
    expect(closest('cat', ['bat', 'hat'])).toBe('bat');
    expect([didYouMean('cta', ['cat']), didYouMean('cta', [])]).toEqual([' Did you mean "cat"?', '']);
  });
});

describe('JSON', () => {
  const read = (text: string | Uint8Array, limits = optionFileLimits): unknown =>
    readJson(text, 'f.json', limits).value;
  const plain = (x: unknown): unknown => JSON.parse(JSON.stringify(x));

  test('what JSON.parse accepts is read alike', () => {
    const harmless = fc.json({ maxDepth: 5 }).filter((text) => !/"(__proto__|constructor|prototype)"/.test(text));
    fc.assert(
      fc.property(harmless, (text) => {
        expect(plain(read(text))).toEqual(plain(JSON.parse(text)));
      }),
    );
  });

  test.each([
    '{"a":1,}',
    '[1,]',
    '{a:1}',
    "{'a':1}",
    '// c\n1',
    '/* c */ 1',
    '01',
    '1.',
    '.5',
    '+1',
    '0x10',
    'NaN',
    'Infinity',
    '-',
    '1e',
    '"\t"',
    '"\\x"',
    '"\\u12"',
    '"open',
    '',
    ' ',
    '{} {}',
    '[1 2]',
    '{"a" 1}',
    'tru',
    '\u00a01',
    '[',
    '{"a":',
    '1e400',
    '-1e999',
  ])('%o is refused with a place', (text) => {
    const [d] = faults(() => read(text));
    expect(d?.code).toBe('NL2101');
    expect(d!.locations[0]).toMatchObject({
      file: 'f.json',
      line: expect.any(Number) as number,
      column: expect.any(Number) as number,
    });
  });

  test('line and column are those of the fault', () => {
    const [d] = faults(() => read('{\r\n  "a": 1,\r\n  "b": tru\r\n}'));
    expect(d!.locations[0]).toMatchObject({ line: 3, column: 8, text: '  "b": tru' });
  });

  test.each([
    ['{"a":1,"a":2}', 8, /stands twice/],
    ['{"a":1,"\\u0061":2}', 8, /stands twice/],
    ['{"__proto__":{}}', 2, /cannot be a key/],
    ['{"\\u005f_proto__":{}}', 2, /cannot be a key/],
    ['{"constructor":1}', 2, /cannot be a key/],
    ['{"prototype":1}', 2, /cannot be a key/],
  ])('%s', (text, column, message) => {
    const [d] = faults(() => read(text));
    expect(d).toMatchObject({ code: 'NL2104', message: expect.stringMatching(message) as string });
    expect(d!.locations[0]).toMatchObject({ line: 1, column });
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test('objects have no prototype, and a byte order mark is skipped', () => {
    expect(Object.getPrototypeOf(read('{"a":{}}'))).toBeNull();
    expect(read(Uint8Array.of(0xef, 0xbb, 0xbf, 0x31))).toBe(1);
    expect(faults(() => read(Uint8Array.of(0x22, 0xff, 0x22)))[0]?.code).toBe('NL2101');
  });

  test.each([
    ['depth', (n: number) => '['.repeat(n) + ']'.repeat(n), 64],
    ['items', (n: number) => `[${new Array(n).fill(1).join(',')}]`, 10_000],
    ['bytes', (n: number) => `"${'x'.repeat(n - 2)}"`, 2 ** 20],
  ] as const)('the limit of %s: below, at, above', (_, text, limit) => {
    expect(faults(() => read(text(limit - 1)))).toEqual([]);
    expect(faults(() => read(text(limit)))).toEqual([]);
    expect(faults(() => read(text(limit + 1)))[0]?.code).toBe('NL2102');
  });

  test('brackets in texts are no depth; a million brackets are refused at once', () => {
    expect(faults(() => read(`"${'['.repeat(1000)}"`))).toEqual([]);
    expect(faults(() => read('['.repeat(2 ** 20)))[0]?.code).toBe('NL2102');
  });

  test('places of values and keys by pointer', () => {
    const d = readJson('{\n  "a/b": [1, {"~": 22}]\n}', 'f.json');
    expect(pointerOf(['a/b', 1, '~'])).toBe('/a~1b/1/~0');
    expect(d.locate('/a~1b/1/~0')).toMatchObject({ line: 2, column: 20, pointer: '/a~1b/1/~0', width: 2 });
    expect(d.locate('/a~1b/1/~0', 'key')).toMatchObject({ line: 2, column: 15 });
    expect(d.locate('/a~1b/7')).toMatchObject({ line: 2, column: 10 });
    expect(d.locate('/nowhere')).toMatchObject({ line: 1, column: 1 });
  });
});

describe('random numbers', () => {
  const first = (seed: number): number[] => {
    const r = seededRandom(seed);
    return Array.from({ length: 50 }, () => r.next());
  };

  test('the seed decides all', () => {
    expect(first(7)).toEqual(first(7));
    expect(first(7)).not.toEqual(first(8));
    expect(first(7).every((x) => x >= 0 && x < 1)).toBe(true);
  });

  test('wholes reach both ends, normals are centred', () => {
    const r = seededRandom(1);
    const wholes = Array.from({ length: 2000 }, () => r.whole(-2, 3));
    expect([Math.min(...wholes), Math.max(...wholes)]).toEqual([-2, 3]);
    const normals = Array.from({ length: 4000 }, () => r.normal());
    expect(Math.abs(normals.reduce((a, b) => a + b) / 4000)).toBeLessThan(0.06);
    expect(normals.every(Number.isFinite)).toBe(true);
  });
});

describe('diagnostics', () => {
  test('a stage shows all its problems, and ends only with errors', () => {
    const p = new Problems();
    p.note('NL1016', { message: 'n' });
    p.warn('NL1019', { message: 'w' });
    expect([p.hasErrors, p.finish().length]).toEqual([false, 2]);
    expect(p.attempt(() => fail('NL1005', { message: 'e', fix: ['a', 'b'] }))).toBeUndefined();
    p.error('NL1014', { message: 'e2', at: { node: 'n' } });
    const found = faults(() => p.finish());
    expect(found.map((d) => d.code)).toEqual(['NL1016', 'NL1019', 'NL1005', 'NL1014']);
    expect(found[2]).toMatchObject({ fixes: ['a', 'b'], docs: 'netloom explain NL1005' });
  });

  test('the exit code is that of the first error; faults of ours pass through', () => {
    expect(new NetloomError([]).exitCode).toBe(1);
    const p = new Problems();
    p.warn('NL1019', { message: 'w' });
    p.error('NL1101', { message: 'e' });
    expect(new NetloomError(p.all).exitCode).toBe(4);
    expect(() =>
      p.attempt(() => {
        throw new InternalError('ours');
      }),
    ).toThrow(InternalError);
    expect(isNetloomError(new Error('x'))).toBe(false);
  });

  test('problems without end are cut off', () => {
    const p = new Problems();
    for (let i = 0; i < 9_999; i++) p.error('NL1006', { message: String(i) });
    expect(() => p.stopWhenMany()).not.toThrow();
    p.error('NL1006', { message: 'last' });
    expect(faults(() => p.stopWhenMany()).at(-1)?.code).toBe('NL1002');
  });

  test('only sizes beyond the memory count as such', () => {
    const thrown = (run: () => unknown): unknown => {
      try {
        return run();
      } catch (e) {
        return e;
      }
    };
    expect(isOutOfMemory(thrown(() => new Uint8Array(2 ** 52)))).toBe(true);
    expect(isOutOfMemory(thrown(() => new Array<number>(-1).length))).toBe(true);
    expect(isOutOfMemory(thrown(() => (1).toFixed(999)))).toBe(false);
  });
});

describe('text', () => {
  test('cuts keep both ends and the width', () => {
    expect([shorten('abcdefgh', 5), shorten('abc', 5), shorten('abc', 1), shorten('abc', 0)]).toEqual([
      'ab…gh',
      'abc',
      '…',
      '',
    ]);
  });

  test('columns count what a terminal shows', () => {
    expect(['abc', '日本', 'e\u0301', '😀', ''].map(columns)).toEqual([3, 4, 1, 2, 0]);
    expect([
      padEnd('日', 4),
      padStart('日', 4),
      plural(1, 'node'),
      plural(2, 'node'),
      plural(0, 'entry', 'entries'),
    ]).toEqual(['日  ', '  日', '1 node', '2 nodes', '0 entries']);
  });
});
