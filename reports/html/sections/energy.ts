import { fmt } from '../format.ts';
import { markup, type Html } from '../html.ts';
import type { Section, View } from '../view.ts';
import { choice, figure } from './figure.ts';
import { largest, totalsOf } from './totals.ts';

/** Joules by component and by layer. */
export const energy: Section = {
  name: 'energy',
  short: 'Energy',
  question: 'What dominates energy?',
  answer: (view) => {
    const top = largest(view.energy);
    return top
      ? `${fmt.percent(top.share)} of ${fmt.joules(view.run.total.energy_j.value)} is ${say(top.name)}.`
      : 'No energy is known for this machine.';
  },
  body: (view) =>
    markup`${totalsOf('Energy of all layers by component', 'Component', fmt.joules, view.energy)}
    ${figure(view, { chart: 'energy', title: 'Energy by layer and component', finding: topLayer(view), controls: controls(view) })}`,
};

const say = (name: string): string =>
  name === 'static' ? 'static: idle power times time' : name === 'mac' ? 'the products (mac)' : name;

function topLayer({ run }: View): string {
  const [top] = [...run.layers].sort((a, b) => b.energy_j.value - a.energy_j.value);
  const share = top ? top.energy_j.value / (run.total.energy_j.value || 1) : 0;
  return top
    ? `The layer that uses most is ${top.name}: ${fmt.joules(top.energy_j.value)}, ${fmt.percent(share)} of all.`
    : 'There are no layers.';
}

const controls = (view: View): Html =>
  markup`${choice('Bars are', 'by', [
    ['layer', 'layers, split by component'],
    ['component', 'components, split by layer'],
  ])}
  ${choice('Show', 'count', [
    ['20', 'the 20 largest'],
    ['all', 'all layers'],
  ])}
  ${choice('Sort by', 'sort', [['total', 'energy'], ['schedule', 'order of the schedule'], ...view.energy.names.map((name, i): [string, string] => [String(i), name])])}
  ${choice('Scale', 'scale', [
    ['absolute', 'joules'],
    ['share', 'share of the bar'],
  ])}`;
