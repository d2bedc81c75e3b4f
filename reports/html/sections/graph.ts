import { plural } from '../../../src/base/text.ts';
import type { Section } from '../view.ts';
import { choice, figure } from './figure.ts';
import { markup } from '../html.ts';

/** The layers and what feeds what, coloured by a metric. */
export const graph: Section = {
  name: 'graph',
  short: 'Graph',
  question: 'Where in the graph?',
  applies: ({ run }) => run.layers.length > 0,
  answer: ({ run }) => {
    const fused = run.layers.filter((l) => l.onnx_nodes.length > 1);
    const covered = fused.reduce((n, l) => n + l.onnx_nodes.length, 0);
    return `${plural(run.layers.length, 'layer')} and ${plural(run.edges.length, 'edge')}${fused.length > 0 ? `; ${plural(fused.length, 'layer')} with a double border ${fused.length === 1 ? 'stands' : 'stand'} for ${covered} ONNX nodes` : ''}.`;
  },
  body: (view) =>
    figure(view, {
      chart: 'graph',
      title: 'Graph of layers',
      finding: 'Data flows downwards, and on from the foot of a column to the head of the next.',
      controls: markup`${choice('Colour', 'metric', [
        ['time', 'share of the time'],
        ['energy', 'share of the energy'],
        ['utilisation', 'utilisation'],
        ['macs', 'MACs'],
        ['bound', 'bound'],
      ])}
        <label>Find <input type="search" data-control="find" placeholder="name or op" /></label>
        <span class="exports"
          ><button type="button" data-zoom="in" aria-label="Zoom in">+</button
          ><button type="button" data-zoom="out" aria-label="Zoom out">−</button
          ><button type="button" data-zoom="fit">Fit</button></span
        >`,
    }),
};
