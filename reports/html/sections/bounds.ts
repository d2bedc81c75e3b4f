import { plural } from '../../../src/base/text.ts';
import { fmt } from '../format.ts';
import { markup, type Html } from '../html.ts';
import type { Section, View } from '../view.ts';
import { choice, figure } from './figure.ts';
import { largest, totalsOf } from './totals.ts';

/** Where the time goes: in total, and layer by layer. */
export const bounds: Section = {
  name: 'bounds',
  short: 'Bounds',
  question: 'What bounds me?',
  answer: (view) => {
    const top = largest(view.parts);
    return top
      ? `${fmt.percent(top.share)} of the time goes into ${phrase(top.name)}. ${byBound(view)}`
      : 'Nothing in this run takes time.';
  },
  body: (view) =>
    markup`<div class="split">
        ${totalsOf('Time of all layers by cause', 'Cause', fmt.seconds, view.parts)}
        <p class="quiet">
          Arithmetic and memories work at the same time: a memory is charged only for the time that the arithmetic waits
          for it, so the parts of a layer add up to its latency.
          ${view.run.total.overlap_s > 0 && `Layers run at the same time here: together they exceed the latency by ${fmt.seconds(view.run.total.overlap_s)}.`}
        </p>
      </div>
      ${figure(view, { chart: 'bounds', title: 'Time by layer and cause', finding: topLayers(view), controls: controls(view) })}`,
};

const phrase = (name: string): string => (name === 'host' ? 'what runs on the host' : name);

function byBound({ run }: View): string {
  const counts = new Map<string, number>();
  for (const l of run.layers) if (l.unit !== 'none') counts.set(l.bound, (counts.get(l.bound) ?? 0) + 1);
  const parts = [...counts].sort((a, b) => b[1] - a[1]).map(([bound, n]) => `${n} by ${bound}`);
  return `Of ${plural(run.layers.filter((l) => l.unit !== 'none').length, 'layer')} that take time, ${parts.join(', ')}.`;
}

function topLayers({ run, time }: View): string {
  const order = [...run.layers].sort((a, b) => b.latency_s.value - a.latency_s.value).slice(0, 3);
  const share = order.reduce((n, l) => n + l.latency_s.value, 0) / (time || 1);
  return order.length === 0
    ? 'There are no layers.'
    : `The ${plural(order.length, 'layer')} that cost most take ${fmt.percent(share)} of the time: ${order.map((l) => l.name).join(', ')}.`;
}

function controls(view: View): Html {
  const present = [...new Set(view.run.layers.filter((l) => l.unit !== 'none').map((l) => l.bound))].sort();
  return markup`${choice('Show', 'count', [
    ['20', 'the 20 largest'],
    ['all', 'all layers'],
  ])}
  ${choice('Sort by', 'sort', [['total', 'time'], ['schedule', 'order of the schedule'], ...view.parts.names.map((name, i): [string, string] => [String(i), name])])}
  ${choice('Bound', 'filter', [['', 'any'], ...present.map((b): [string, string] => [b, b])])}
  ${choice('Scale', 'scale', [
    ['absolute', 'seconds'],
    ['share', 'share of the layer'],
  ])}`;
}
