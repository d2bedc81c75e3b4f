import type { RunLayer } from '../../../compiler/run/schema.ts';
import { bytesOfLayer, shapeText } from '../../layers.ts';
import { fmt } from '../format.ts';
import { markup, widthClass, type Html } from '../html.ts';
import type { Section, View } from '../view.ts';

interface LayerColumn {
  readonly key: string;
  readonly title: string;
  readonly isNumber?: boolean;
  /** Not shown until it is chosen. */
  readonly isExtra?: boolean;
  readonly cell: (layer: RunLayer, view: View) => Html | string;
}

/** Bound as people read it: what runs elsewhere or not at all has none on this machine. */
export const boundText = (l: Pick<RunLayer, 'unit' | 'bound'>): string =>
  l.unit === 'host' ? 'host' : l.unit === 'none' ? 'view' : l.bound;

/** The bar is full for the layer that takes most. */
const share = (x: number, most: number): Html =>
  markup`<u><i class="${widthClass(most > 0 ? x / most : 0)}"></i></u>${fmt.percent(x)}`;

/** The keys name fields of the data that the browser sorts by and copies. */
export const layerColumns: readonly LayerColumn[] = [
  { key: 'op', title: 'Op', cell: (l) => l.op },
  { key: 'output', title: 'Output', cell: (l) => shapeText(l.output_shape) },
  { key: 'precision', title: 'Precision', cell: (l) => l.precision },
  { key: 'unit', title: 'Unit', isExtra: true, cell: (l) => l.unit },
  { key: 'macs', title: 'MACs', isNumber: true, cell: (l) => fmt.count(l.macs) },
  { key: 'parameters', title: 'Parameters', isNumber: true, isExtra: true, cell: (l) => fmt.count(l.parameters) },
  { key: 'bytes', title: 'Bytes', isNumber: true, cell: (l) => fmt.bytes(bytesOfLayer(l)) },
  { key: 'cycles', title: 'Cycles', isNumber: true, isExtra: true, cell: (l) => fmt.whole(l.cycles) },
  { key: 'time', title: 'Time', isNumber: true, cell: (l) => fmt.seconds(l.latency_s.value) },
  {
    key: 'share',
    title: 'Share',
    isNumber: true,
    cell: (l, v) => share(v.time > 0 ? l.latency_s.value / v.time : 0, v.longest / v.time),
  },
  { key: 'energy', title: 'Energy', isNumber: true, cell: (l) => fmt.joules(l.energy_j.value) },
  { key: 'utilisation', title: 'Utilisation', isNumber: true, cell: (l) => fmt.percent(l.utilisation) },
  { key: 'bound', title: 'Bound', cell: boundText },
];

/** Every layer in the order of the schedule. */
export const layers: Section = {
  name: 'layers',
  short: 'Layers',
  question: 'Which layers cost most?',
  answer: ({ run, time }) => {
    const order = [...run.layers].sort((a, b) => b.latency_s.value - a.latency_s.value);
    let [sum, count] = [0, 0];
    while (count < order.length && sum < time / 2) sum += order[count++]!.latency_s.value;
    return count === 0
      ? 'Nothing in this run takes time.'
      : `${count === 1 ? 'One layer takes' : `${count} of ${order.length} layers take`} half of the time; ${order[0]!.name} alone takes ${fmt.percent(order[0]!.latency_s.value / time)}.`;
  },
  body: (view) =>
    markup`${controls(view)}
      <div class="scroll tall" tabindex="0" role="region" aria-label="Layers">
        <table class="layers">
          <caption>
            Layers in the order of the schedule. Bytes are those through ${view.outer ?? 'memory'}; share is of the time
            of all layers.
          </caption>
          <thead>
            <tr>
              ${heading('name', 'Layer', false, false)}${layerColumns.map((c) => heading(c.key, c.title, c.isNumber === true, c.isExtra === true))}
            </tr>
          </thead>
          <tbody>
            ${view.run.layers.map((l) => row(l, view))}
          </tbody>
        </table>
      </div>`,
};

const heading = (key: string, title: string, isNumber: boolean, isExtra: boolean): Html =>
  markup`<th scope="col" data-key="${key}" ${isNumber && markup` class="n"`}${isExtra && markup` data-extra`}>
    <button type="button">${title}</button>
  </th>`;

const row = (l: RunLayer, view: View): Html =>
  markup`<tr>
    <th scope="row"><button tabindex="-1">${l.name}</button></th>
    ${layerColumns.map((c) => markup`<td>${c.cell(l, view)}</td>`)}
  </tr> `;

const controls = ({ run }: View): Html => {
  const options = (values: readonly string[]): Html[] =>
    [...new Set(values)].sort().map((v) => markup`<option>${v}</option>`);
  return markup`<div class="tools scripted">
    <label>Find <input type="search" data-control="text" placeholder="name, op, shape …" /></label>
    <label
      >Op
      <select data-control="op">
        <option value="">any</option>
        ${options(run.layers.map((l) => l.op))}
      </select></label
    >
    <label
      >Bound
      <select data-control="bound">
        <option value="">any</option>
        ${options(run.layers.map(boundText))}
      </select></label
    >
    <details class="menu">
      <summary>Columns</summary>
      <div>
        ${layerColumns.map((c) => markup`<label><input type="checkbox" value="${c.key}" ${!c.isExtra && markup` checked`} /> ${c.title}</label>`)}
      </div>
    </details>
    <span class="exports"
      ><button type="button" data-action="copy">Copy CSV</button
      ><button type="button" data-action="save">Save CSV</button></span
    >
    <output class="quiet" aria-live="polite"></output>
  </div>`;
};
