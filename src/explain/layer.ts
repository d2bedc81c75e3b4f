import { Type, type Static } from '@sinclair/typebox';
import { envelope, type Run, type RunLayer } from '../../compiler/run/schema.ts';
import { fail } from '../base/diagnostics.ts';
import { closest } from '../base/suggest.ts';
import { show } from '../base/units.ts';

const strict = { additionalProperties: false } as const;

export const ExplanationStep = Type.Object(
  {
    name: Type.String({ description: 'what is worked out' }),
    formula: Type.String({ description: 'in names' }),
    filled: Type.String({ description: 'the same with the numbers of this layer' }),
    value: Type.Union([Type.Number(), Type.Null()]),
    unit: Type.String(),
    source: Type.String({ description: 'where the inputs come from' }),
  },
  strict,
);
export type ExplanationStep = Static<typeof ExplanationStep>;

export const Explanation = Type.Object(
  {
    layer: Type.String(),
    machine: Type.String(),
    precision: Type.String(),
    batch: Type.Integer(),
    steps: Type.Array(ExplanationStep),
    terms: Type.Array(Type.String()),
    not_in_it: Type.String(),
  },
  strict,
);
export type Explanation = Static<typeof Explanation>;
export const ExplainDocument = envelope('netloom/explain@1', Explanation);

/**
 * One layer's arithmetic, step by step, with the numbers filled in so that it can be checked by hand.
 * @throws NetloomError NL7005 when the run has no such layer
 */
export function explainLayer(run: Run, name: string): Explanation {
  const layer = run.layers.find((l) => l.name === name || l.onnx_nodes.includes(name)) ?? noLayer(run, name);
  const steps =
    layer.unit === 'none'
      ? []
      : [...countSteps(run, layer), ...rooflineSteps(run, layer), ...timeSteps(run, layer), ...energySteps(layer)];
  return {
    layer: layer.name,
    machine: run.machine.name,
    precision: run.precision,
    batch: run.batch,
    steps,
    terms: ['mac', 'intensity', 'ridge', 'roofline', 'utilisation', layer.bound],
    not_in_it:
      layer.unit === 'none'
        ? 'a view of its operand: nothing is computed and nothing moves'
        : 'transfers of the network inputs and outputs to and from the machine',
  };
}

function noLayer(run: Run, name: string): never {
  const names = run.layers.map((l) => l.name);
  const near = closest(name, names);
  return fail('NL7005', {
    message: `there is no layer "${name.slice(0, 120)}"`,
    cause: run.removed.some((r) => r.onnx_node === name)
      ? `the node was taken away by ${run.removed.find((r) => r.onnx_node === name)!.by}`
      : `the run has ${names.length} layers`,
    fix: near ? `did you mean "${near}"?` : `some of them: ${names.slice(0, 5).join(', ')}`,
  });
}

const step = (
  name: string,
  formula: string,
  filled: string,
  value: number | null,
  unit: string,
  source: string,
): ExplanationStep => ({ name, formula, filled, value, unit, source });

/** Peak, bandwidth and other numbers of the machine lead to their line in its file. */
const sourceOf = (run: Run, pointer: RegExp): string => {
  const [found] = Object.entries(run.machine.sources).filter(([p]) => pointer.test(p));
  return found ? `${found[0]}: ${found[1].source}` : `machine ${run.machine.name}`;
};

function countSteps(run: Run, l: RunLayer): ExplanationStep[] {
  if (l.macs === 0) return [];
  const loops = Object.entries(l.loops).filter(([, n]) => n !== 1);
  const product = loops.reduce((n, [, size]) => n * size, 1);
  const isWhole = product === l.macs;
  return [
    step(
      'MACs',
      isWhole
        ? loops.map(([d]) => d).join(' x ')
        : `sum over the products of the layer (largest: ${loops.map(([d]) => d).join(' x ')})`,
      isWhole
        ? `${loops.map(([, n]) => n).join(' x ')}`
        : `largest nest: ${loops.map(([, n]) => n).join(' x ')} = ${show.whole(product)}`,
      l.macs,
      'MAC',
      `shapes of ${l.op} in ${run.model.name}`,
    ),
  ];
}

function rooflineSteps(run: Run, l: RunLayer): ExplanationStep[] {
  const [outer] = Object.keys(run.machine.bandwidths);
  const traffic = outer === undefined ? undefined : l.traffic[outer];
  if (!outer || !traffic || l.unit === 'host') return [];
  const bytes = traffic.read_bytes + traffic.write_bytes;
  const bandwidth = run.machine.bandwidths[outer]!;
  const steps = [
    step(
      `${outer} bytes`,
      'bytes read + bytes written',
      `${show.whole(traffic.read_bytes)} + ${show.whole(traffic.write_bytes)}`,
      bytes,
      'B',
      'tensor sizes, tiles and where tensors live',
    ),
  ];
  if (l.macs > 0 && bytes > 0) {
    steps.push(
      step(
        'intensity',
        'MACs / bytes',
        `${show.whole(l.macs)} / ${show.whole(bytes)}`,
        l.macs / bytes,
        'MAC/B',
        'the two lines above',
      ),
      step(
        'ridge',
        'peak / bandwidth',
        `${show.rate(l.peak_per_s, 'MAC/s')} / ${show.rate(bandwidth, 'B/s')}`,
        l.peak_per_s / bandwidth,
        'MAC/B',
        sourceOf(run, /^\/memory\/0\/bandwidth/),
      ),
    );
  }
  return steps;
}

function timeSteps(run: Run, l: RunLayer): ExplanationStep[] {
  const steps: ExplanationStep[] = [];
  const t = l.times;
  if (t.compute !== undefined) {
    const ideal = l.macs > 0 && l.peak_per_s > 0 ? l.macs / l.peak_per_s : null;
    steps.push(
      step(
        'arithmetic',
        'work / (peak x utilisation of the unit)',
        ideal === null
          ? `element-wise work on ${l.unit}`
          : `at the peak ${show.seconds(ideal)}; as laid out: ${l.mapping ?? l.unit}`,
        t.compute,
        's',
        sourceOf(run, /\/(clock|macs|array|tensor|simd)/),
      ),
    );
  }
  if (t.fill)
    steps.push(
      step(
        'fill',
        'cycles in which the unit fills, drains or waits',
        `${show.seconds(t.fill)} beside the arithmetic`,
        t.fill,
        's',
        'mapping',
      ),
    );
  for (const [memory, bandwidth] of Object.entries(run.machine.bandwidths)) {
    const traffic = l.traffic[memory];
    if (!traffic || !t[memory]) continue;
    const bytes = traffic.read_bytes + traffic.write_bytes;
    steps.push(
      step(
        `time of ${memory}`,
        'bytes / bandwidth',
        `${show.whole(bytes)} B / ${show.rate(bandwidth, 'B/s')}`,
        t[memory],
        's',
        sourceOf(run, new RegExp(`^/memory/${Object.keys(run.machine.bandwidths).indexOf(memory)}/bandwidth`)),
      ),
    );
  }
  if (t.link)
    steps.push(
      step(
        'link',
        'two latencies + bytes / link',
        'operands to the host and back',
        t.link,
        's',
        sourceOf(run, /\/host/),
      ),
    );
  const overhead = t.overhead ?? 0;
  if (overhead > 0)
    steps.push(
      step('overhead', 'starts of the layer', show.seconds(overhead), overhead, 's', sourceOf(run, /\/launch/)),
    );
  const competing = Object.entries(t).filter(
    ([k]) => k !== 'overhead' && k !== 'link' && k !== 'fill' && k !== 'compute',
  );
  if (l.unit !== 'host') {
    steps.push(
      step(
        'time',
        'max(arithmetic + fill, time of each memory) + overhead',
        `max(${[show.seconds((t.compute ?? 0) + (t.fill ?? 0)), ...competing.map(([, s]) => show.seconds(s))].join(', ')}) + ${show.seconds(overhead)}`,
        l.latency_s.value,
        's',
        `bound: ${l.bound}`,
      ),
    );
  } else
    steps.push(
      step(
        'time',
        'time on the host + link',
        l.fallback ?? '',
        l.latency_s.value,
        's',
        'the host is priced by its own family',
      ),
    );
  if (l.utilisation !== null && l.macs > 0)
    steps.push(
      step(
        'attained',
        'MACs / time',
        `${show.whole(l.macs)} / ${show.seconds(l.latency_s.value)}`,
        l.macs / l.latency_s.value,
        'MAC/s',
        `${show.percent(l.utilisation)} of the peak`,
      ),
    );
  return steps;
}

function energySteps(l: RunLayer): ExplanationStep[] {
  const parts = Object.entries(l.energy_by);
  if (parts.length === 0) return [];
  return [
    step(
      'energy',
      parts.map(([name]) => name).join(' + '),
      parts.map(([, j]) => show.joules(j)).join(' + '),
      l.energy_j.value,
      'J',
      'technology tables, traffic, and idle power x time',
    ),
  ];
}
