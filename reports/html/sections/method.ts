import type { Run } from '../../../compiler/run/schema.ts';
import { plural } from '../../../src/base/text.ts';
import { client } from '../client.gen.ts';
import { fmt } from '../format.ts';
import { markup, type Html } from '../html.ts';
import type { Section, View } from '../view.ts';

/** What the figures rest on, so that they can be checked and worked out again. */
export const method: Section = {
  name: 'method',
  short: 'Method',
  question: 'How was this computed?',
  answer: ({ run }) => {
    const sources = Object.values(run.machine.sources);
    const estimates = sources.filter((s) => s.source === 'estimate').length;
    return `${run.total.latency_s.basis.charAt(0).toUpperCase()}${run.total.latency_s.basis.slice(1)} model of family ${run.machine.family}; ${estimates} of ${sources.length} numbers of the machine are estimates, the others are cited.`;
  },
  body: (view) =>
    markup`${commandOf(view)}
      <h3>Equations</h3>
      <ul class="prose">
        ${equations(view.run).map((e) => markup`<li>${e}</li>`)}
      </ul>
      ${
        view.run.assumptions.length > 0 &&
        markup`<h3>Assumptions, and what is not modelled</h3>
          <ul class="prose">
            ${view.run.assumptions.map((a) => markup`<li>${a}</li>`)}
          </ul>`
      }
      <h3>Identity</h3>
      <div class="scroll">
        <table class="facts">
          <caption class="hidden">
            Versions and hashes
          </caption>
          <tbody>
            ${identity(view).map(
              ([name, value]) =>
                markup`<tr>
                  <th scope="row">${name}</th>
                  <td>${value}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
      ${sourcesOf(view.run)}${removedOf(view.run)}`,
};

const commandOf = ({ command }: View): Html | false =>
  command !== undefined &&
  markup`<div class="command">
    <pre tabindex="0"><code>${command}</code></pre>
    <button type="button" class="scripted" data-copy>Copy</button>
  </div>`;

function equations(run: Run): string[] {
  const memories = Object.keys(run.machine.bandwidths);
  const streams = run.machine.family === 'fpga' && run.total.overlap_s > 0;
  return [
    streams
      ? 'Time of a kernel = its cycles / clock. Kernels run at the same time; the interval is that of the slowest one.'
      : `Time of a layer = max(arithmetic + fill, bytes / bandwidth of each memory${memories.length > 0 ? ` (${memories.join(', ')})` : ''}) + overhead of its start. On the host: time there + link.`,
    'Arithmetic = operations / (units × clock × share of the units that the mapping keeps busy); fill = cycles in which they fill, drain or wait for weights.',
    'Bytes of a memory follow from tensor sizes, the tiles of the mapping, and where each tensor lives while it is needed.',
    'Energy of a layer = products × energy of one + other operations × energy of one + bytes × energy of a byte, for each memory, + idle power × time.',
    'Utilisation = work done / (peak × time). Intensity = MACs / bytes. Ridge = peak / bandwidth. Attained = MACs / time.',
    'Low and high ends of a range = value / u and value × u, with u from "uncertainty" of the machine file.',
    `Totals: latency = sum of the layers${run.total.overlap_s > 0 ? ` less ${fmt.seconds(run.total.overlap_s)} of overlap` : ''}; energy = sum of the layers.`,
  ];
}

function identity({ run, inputs }: View): [string, string][] {
  return [
    ['netloom', client.version],
    [
      'Model',
      `${run.model.name}: ${plural(run.model.nodes, 'ONNX node')}, ${fmt.whole(run.model.parameters)} parameters, ${fmt.whole(run.model.macs)} MAC`,
    ],
    ['Model SHA-256', run.model.sha256 ?? 'unknown'],
    ['Machine', `${run.machine.title} (${run.machine.name}), clock ${fmt.rate(run.machine.clock_hz, 'Hz')}`],
    ['Machine SHA-256', run.machine.sha256 ?? 'unknown'],
    ['Precision, batch', `${run.precision}, ${run.batch}`],
    ['Schedule chosen for', run.objective],
    ['Passes that changed the graph', run.passes.join(', ') || 'none'],
    ...inputs.map((i): [string, string] => [`File ${i.path}`, i.sha256 ?? 'unknown']),
  ];
}

function sourcesOf(run: Run): Html | false {
  const rows = Object.entries(run.machine.sources);
  return (
    rows.length > 0 &&
    markup`<details>
      <summary>${plural(rows.length, 'constant')} of the machine, with their sources</summary>
      <div class="scroll">
        <table>
          <caption>
            By place in the machine file
          </caption>
          <thead>
            <tr>
              <th scope="col">Place</th>
              <th scope="col">Value</th>
              <th scope="col">Source</th>
              <th scope="col">Note</th>
            </tr>
          </thead>
          <tbody>
            ${rows.map(
              ([pointer, s]) =>
                markup`<tr>
                  <th scope="row"><code>${pointer}</code></th>
                  <td>${s.text}</td>
                  <td>${s.source}</td>
                  <td>${s.note ?? ''}</td>
                </tr>`,
            )}
          </tbody>
        </table>
      </div>
    </details>`
  );
}

const removedOf = (run: Run): Html | false =>
  run.removed.length > 0 &&
  markup`<details>
    <summary>${plural(run.removed.length, 'ONNX node')} left no layer behind</summary>
    <div class="scroll">
      <table>
        <caption>
          Removed nodes and the pass that took them away
        </caption>
        <thead>
          <tr>
            <th scope="col">ONNX node</th>
            <th scope="col">Pass</th>
          </tr>
        </thead>
        <tbody>
          ${run.removed.map(
            (r) =>
              markup`<tr>
                <th scope="row">${r.onnx_node}</th>
                <td>${r.by}</td>
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </details>`;
