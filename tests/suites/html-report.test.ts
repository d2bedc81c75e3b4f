import { createHash } from 'node:crypto';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Run } from '../../compiler/run/schema.ts';
import { client } from '../../reports/html/client.gen.ts';
import { packRun, unpackLayers } from '../../reports/html/data.ts';
import { fmt } from '../../reports/html/format.ts';
import { markup } from '../../reports/html/html.ts';
import { dark, light, type Palette } from '../../reports/html/palette.ts';
import { renderReport } from '../../reports/html/render.ts';
import { timeParts } from '../../reports/html/time-parts.ts';
import { viewOf } from '../../reports/html/view.ts';
import { syntheticRun } from '../synthetic-run.ts';

const hostile = '</script><img onerror=alert(1)>';
const sum = (xs: readonly number[]): number => xs.reduce((n, x) => n + x, 0);
const view = (run: Run): ReturnType<typeof viewOf> => viewOf(run, 0, { command: undefined, inputs: [] });
/** The page without its program, style and data. */
const markupOf = (report: string): string => report.replace(/<(script|style)[^>]*>[\s\S]*?<\/\1>/g, '');
const between = (text: string, from: string, to: string): string => text.split(from)[1]!.split(to)[0]!;

describe('the file', () => {
  const report = renderReport([syntheticRun(60)], {
    command: "netloom estimate 'a b.onnx' --on x",
    inputs: [{ path: 'a b.onnx', sha256: null }],
  });

  test('is whole and names every section', () => {
    expect(report.startsWith('<!doctype html>')).toBe(true);
    for (const question of [
      'Can I use it?',
      'What should I change?',
      'What bounds me?',
      'Where is the roofline?',
      'Which layers cost most?',
      'What dominates energy?',
      'What misses on-chip memory?',
      'Where in the graph?',
      'How was this computed?',
    ])
      expect(report).toContain(`>${question}</h2>`);
  });

  test('allows its own script and style and nothing else', () => {
    const policy = /http-equiv="Content-Security-Policy"\s+content="([^"]*)"/.exec(report)![1]!;
    expect(policy).toContain("default-src 'none'");
    const hash = (text: string): string => `sha256-${createHash('sha256').update(text).digest('base64')}`;
    expect(policy).toContain(`style-src '${hash(between(report, '<style>', '</style>'))}'`);
    expect(policy).toContain(`script-src '${hash(between(report, '<script>', '</script>'))}'`);
    const markup = markupOf(report);
    expect(markup).not.toMatch(/<[^>]+\s(style|on\w+)=/);
    expect(markup).not.toMatch(/(src|href)="(?!#|data:,)/);
  });

  test('reads without a script: verdict, advice, every layer', () => {
    const markup = markupOf(report);
    const run = syntheticRun(60);
    expect(markup).toContain('343\u00a0µs');
    expect(markup).toContain('--precision w4a8');
    for (const l of run.layers) expect(markup).toContain(`>${l.name}</button></th>`);
    expect(markup).toContain('run on the host');
  });

  test('has the same bytes for the same run', () => {
    expect(renderReport([syntheticRun(60)])).toBe(renderReport([syntheticRun(60)]));
  });

  test('keeps to its sizes', () => {
    const size = (count: number): number => new TextEncoder().encode(renderReport([syntheticRun(count)])).length;
    expect(size(1)).toBeLessThan(400_000);
    expect(size(200)).toBeLessThan(1_000_000);
    expect(size(2000)).toBeLessThan(3_000_000);
    const shell = client.script + client.style;
    expect(shell.length).toBeLessThan(400_000);
    expect(gzipSync(shell).length).toBeLessThan(140_000);
  });

  test('holds for no runs, for empty runs and for zeros', () => {
    expect(renderReport([])).toContain('There are no runs');
    const empty = syntheticRun(0);
    const bare = { ...empty, machine: { ...empty.machine, bandwidths: {}, peaks: {} }, memory: [], advice: [] };
    const textOf = (run: Run): string => {
      const report = renderReport([run]);
      return markupOf(report) + between(report, '<script type="application/json" id="data">', '</script>');
    };
    expect(textOf(bare)).not.toMatch(/NaN|Infinity|undefined/);
    const views = syntheticRun(17).layers.slice(16);
    expect(views[0]!.unit).not.toBe('none');
    expect(textOf({ ...syntheticRun(3), layers: [], edges: [] })).not.toMatch(/NaN|undefined/);
  });

  test('shows resources of a device, over 100 % too', () => {
    const run = syntheticRun(4);
    const used = { lut: 60_000, ff: 1, dsp: 230, bram36: 10, uram: 0 };
    const report = renderReport([
      {
        ...run,
        machine: { ...run.machine, available: { lut: 53_200, ff: 106_400, dsp: 220, bram36: 140, uram: 0 } },
        total: { ...run.total, resources: used, fits: false, misfit: 'too many LUTs' },
      },
    ]);
    expect(report).toContain('Does it fit the device?');
    expect(report).toContain('113\u00a0%');
    expect(report).toContain('Does not fit');
  });

  test('compares several runs', () => {
    const report = renderReport([syntheticRun(20), syntheticRun(20, { machine: 'other', slower: 0.5 })]);
    expect(report).toContain('How do the runs compare?');
    expect(report).toContain('other (int8, batch 1) has both the lowest latency and the lowest energy.');
    const ids = [...markupOf(report).matchAll(/ id="([^"]+)"/g)].map((m) => m[1]!);
    expect(new Set(ids).size).toBe(ids.length);
  });
});

describe('hostile names', () => {
  const names = [
    hostile,
    '"><svg onload=alert(1)>',
    "' onmouseover='alert(1)",
    '<!--<script>',
    '\u202egnp.exe',
    '{{x}}',
    '${x}',
    'javascript:alert(1)',
    '\u2028',
  ];

  test.each(names)('%j stays text', (name) => {
    const run = syntheticRun(8, { name });
    const report = renderReport([{ ...run, model: { ...run.model, name }, machine: { ...run.machine, title: name } }], {
      title: name,
      command: name,
      inputs: [{ path: name, sha256: name }],
    });
    const markup = markupOf(report);
    expect(markup).not.toMatch(/<(img|svg|script)|<!--/);
    // Within quotes anything may stand; outside of them no handler.
    expect(markup.replace(/"[^"]*"/g, '""')).not.toMatch(/<[^>]*\son\w+=/);
    // Data and program: two elements, however the data reads.
    expect(report.match(/<\/script>/g)).toHaveLength(2);
    const data = JSON.parse(between(report, '<script type="application/json" id="data">', '</script>')) as {
      runs: { model: string }[];
    };
    expect(data.runs[0]!.model).toBe(name);
  });

  test('templates escape whatever is no markup of theirs', () => {
    expect(markup`<p title="${'"<'}">${[hostile, 1, null, false, undefined]}</p>`.text).toBe(
      '<p title="&#34;&#60;">&#60;/script&#62;&#60;img onerror=alert(1)&#62;1</p>',
    );
  });
});

describe('figures', () => {
  test('the parts of a layer add up to its time, and so do the totals', () => {
    const run = syntheticRun(120);
    const parts = timeParts(run);
    run.layers.forEach((l, i) => expect(sum(parts.byLayer[i]!)).toBeCloseTo(l.latency_s.value, 15));
    expect(sum(parts.totals) / run.total.latency_s.value).toBeCloseTo(1, 9);
  });

  test('times that do not explain a latency leave an "other"', () => {
    const run = syntheticRun(2);
    const [first] = run.layers;
    const odd = { ...run, layers: [{ ...first!, times: { compute: first!.latency_s.value / 4 } }] };
    expect(timeParts(odd).names).toEqual(['arithmetic', 'other']);
    expect(sum(timeParts(odd).totals)).toBeCloseTo(first!.latency_s.value, 15);
  });

  test('more series than colours become "other" and lose nothing', () => {
    const run = syntheticRun(10);
    const many = Object.fromEntries(Array.from({ length: 9 }, (_, i) => [`part ${i}`, i + 1]));
    const v = view({
      ...run,
      layers: run.layers.map((l) => ({ ...l, energy_by: many })),
      total: { ...run.total, energy_by: many },
    });
    expect(v.energy.names).toHaveLength(6);
    expect(sum(v.energy.totals)).toBe(450);
    expect(v.energy.names.at(-1)).toContain('other');
  });

  test('packed layers come back', () => {
    const run = syntheticRun(30);
    const layers = unpackLayers(
      JSON.parse(JSON.stringify(packRun(view(run)).layers)) as Parameters<typeof unpackLayers>[0],
    );
    expect(layers.map((l) => l.name)).toEqual(run.layers.map((l) => l.name));
    expect(layers.map((l) => l.macs)).toEqual(run.layers.map((l) => l.macs));
    layers.forEach((l, i) =>
      expect(l.time / (run.layers[i]!.latency_s.value || 1)).toBeCloseTo(
        run.layers[i]!.latency_s.value === 0 ? 0 : 1,
        7,
      ),
    );
  });

  test('numbers read alike', () => {
    expect(fmt.seconds(1.2e-6)).toBe('1.20\u00a0µs');
    expect(fmt.bytes(512)).toBe('512\u00a0B');
    expect(fmt.percent(0.9999)).toBe('100\u00a0%');
    expect(fmt.percent(1e-5)).toBe('<0.1\u00a0%');
    expect(fmt.percent(null)).toBe('–');
    expect(fmt.prose('needs 41 us; 3 used')).toBe('needs 41\u00a0µs; 3 used');
    expect(fmt.tick('20.0\u00a0µs')).toBe('20\u00a0µs');
    expect(fmt.tick('200\u00a0µs')).toBe('200\u00a0µs');
  });
});

describe.each([
  ['light', light],
  ['dark', dark],
])('palette, %s', (_, palette: Palette) => {
  test('marks and text stand out from what they lie on', () => {
    for (const c of palette.series) expect(contrast(c, palette.page), c).toBeGreaterThanOrEqual(3.1);
    for (const on of [palette.page, palette.raised, palette.marked])
      for (const c of [palette.text, palette.muted])
        expect(contrast(c, on), `${c} on ${on}`).toBeGreaterThanOrEqual(4.5);
    for (const c of [palette.accent, palette.good, palette.bad])
      expect(contrast(c, palette.page), c).toBeGreaterThanOrEqual(4.5);
    palette.ramp.forEach((c, i) => expect(contrast(palette.onRamp[i]!, c), c).toBeGreaterThanOrEqual(4.5));
  });

  test.each(Object.entries(sights()))('series are told apart by %s sight', (_name, matrix) => {
    for (const [i, a] of palette.series.entries())
      for (const b of palette.series.slice(i + 1))
        expect(distance(a, b, matrix), `${a} ${b}`).toBeGreaterThanOrEqual(0.15);
  });

  test('the ramp goes one way in lightness', () => {
    const steps = palette.ramp.map((c) => oklab(linear(c))[0]!);
    const ways = steps.slice(1).map((l, i) => Math.sign(l - steps[i]!));
    expect(new Set(ways).size).toBe(1);
  });
});

/** Linear light of an sRGB colour (IEC 61966-2-1). */
function linear(colour: string): number[] {
  return [1, 3, 5]
    .map((i) => parseInt(colour.slice(i, i + 2), 16) / 255)
    .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
}

/** WCAG 2.2, contrast ratio. */
function contrast(a: string, b: string): number {
  const luminance = (c: string): number => sum(linear(c).map((x, i) => x * [0.2126, 0.7152, 0.0722][i]!));
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high! + 0.05) / (low! + 0.05);
}

function times(matrix: readonly (readonly number[])[], v: readonly number[]): number[] {
  return matrix.map((row) => sum(row.map((x, i) => x * v[i]!)));
}

/** Ottosson, "A perceptual color space for image processing", 2020. */
function oklab(rgb: readonly number[]): number[] {
  const lms = times(
    [
      [0.4122214708, 0.5363325363, 0.0514459929],
      [0.2119034982, 0.6806995451, 0.1073969566],
      [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    rgb.map((x) => Math.min(1, Math.max(0, x))),
  );
  return times(
    [
      [0.2104542553, 0.793617785, -0.0040720468],
      [1.9779984951, -2.428592205, 0.4505937099],
      [0.0259040371, 0.7827717662, -0.808675766],
    ],
    lms.map(Math.cbrt),
  );
}

/** Machado, Oliveira, Fernandes, "A physiologically-based model for simulation of color vision deficiency", 2009, severity 1. */
function sights(): Record<string, readonly (readonly number[])[]> {
  return {
    normal: [
      [1, 0, 0],
      [0, 1, 0],
      [0, 0, 1],
    ],
    protan: [
      [0.152286, 1.052583, -0.204868],
      [0.114503, 0.786281, 0.099216],
      [-0.003882, -0.048116, 1.051998],
    ],
    deutan: [
      [0.367322, 0.860646, -0.227968],
      [0.280085, 0.672501, 0.047413],
      [-0.01182, 0.04294, 0.968881],
    ],
    tritan: [
      [1.255528, -0.076749, -0.178779],
      [-0.078411, 0.930809, 0.147602],
      [0.004733, 0.691367, 0.3039],
    ],
  };
}

function distance(a: string, b: string, sight: readonly (readonly number[])[]): number {
  const [x, y] = [oklab(times(sight, linear(a))), oklab(times(sight, linear(b)))];
  return Math.hypot(...x.map((v, i) => v - y[i]!));
}
