import type { RunLayer } from '../../../compiler/run/schema.ts';
import { plural } from '../../../src/base/text.ts';
import { fmt } from '../format.ts';
import type { Section, View } from '../view.ts';
import { choice, figure } from './figure.ts';

/** Intensity against attained rate, under the roofs of the machine. */
export const roofline: Section = {
  name: 'roofline',
  short: 'Roofline',
  question: 'Where is the roofline?',
  applies: ({ run, outer }) =>
    outer !== undefined && Object.keys(run.machine.peaks).length > 0 && run.layers.some((l) => l.macs > 0),
  answer: (view) => {
    const { below, above, ridge } = sides(view);
    return `The ridge of ${view.outer!} lies at ${fmt.plain(ridge)} MAC/B for ${mainPrecision(view)}. Left of it, where bandwidth sets the limit, ${below === 1 ? 'lies' : 'lie'} ${plural(below, 'layer')}; right of it, where arithmetic does, ${above}.`;
  },
  body: (view) =>
    figure(view, {
      chart: 'roofline',
      title: 'Attained rate against intensity',
      finding: finding(view),
      controls: choice(
        'Bytes through',
        'memory',
        Object.keys(view.run.machine.bandwidths).map((m): [string, string] => [m, m]),
      ),
    }),
};

const bytes = (l: RunLayer, memory: string): number =>
  (l.traffic[memory]?.read_bytes ?? 0) + (l.traffic[memory]?.write_bytes ?? 0);

/** Layers with products that run on the machine itself and move bytes through its outermost memory. */
const placed = ({ run, outer }: View): RunLayer[] =>
  run.layers.filter((l) => l.macs > 0 && l.unit !== 'host' && bytes(l, outer!) > 0);

/** The precision in which most time is spent on products. */
function mainPrecision({ run }: View): string {
  const time = new Map<string, number>();
  for (const l of run.layers)
    if (l.macs > 0 && l.precision in run.machine.peaks)
      time.set(l.precision, (time.get(l.precision) ?? 0) + l.latency_s.value);
  const [first] = [...time].sort((a, b) => b[1] - a[1]);
  return first?.[0] ?? Object.keys(run.machine.peaks)[0]!;
}

function sides(view: View): { below: number; above: number; ridge: number } {
  const { peaks, bandwidths } = view.run.machine;
  const ridge = peaks[mainPrecision(view)]! / bandwidths[view.outer!]!;
  const layers = placed(view);
  const below = layers.filter((l) => l.macs / bytes(l, view.outer!) < ridge).length;
  return { below, above: layers.length - below, ridge };
}

function finding(view: View): string {
  const { run, outer } = view;
  const products = run.layers.filter((l) => l.macs > 0);
  const drawn = placed(view).length;
  const left = products.length - drawn;
  const missing =
    left === 0
      ? ''
      : ` ${left} with products ${left === 1 ? 'is' : 'are'} not drawn: on the host, or without traffic through ${outer!}.`;
  return `${plural(drawn, 'layer')} with products; the area of a mark is its share of the time, its shape the kind of op.${missing}`;
}
