import type { Run } from '../../../compiler/run/schema.ts';
import { plural } from '../../../src/base/text.ts';
import { fmt } from '../format.ts';
import { markup, widthClass, type Html } from '../html.ts';
import type { Section } from '../view.ts';

type Memory = Run['memory'][number];

/** How full each memory gets, and which tensors went further out. */
export const memory: Section = {
  name: 'memory',
  short: 'Memory',
  question: 'What misses on-chip memory?',
  applies: ({ run }) => run.memory.length > 0,
  answer: ({ run }) => {
    const spills = run.memory.flatMap((m) => m.spills);
    if (spills.length === 0) return 'Nothing: every tensor stays where it was placed.';
    return `${plural(spills.length, 'tensor')}, ${fmt.bytes(spills.reduce((n, s) => n + s.bytes, 0))} in all, ${spills.length === 1 ? 'goes' : 'go'} to the next memory out.`;
  },
  body: ({ run }) =>
    markup`<div class="scroll">
        <table class="totals">
          <caption>
            Memories, outermost first, at their fullest moment
          </caption>
          <thead>
            <tr>
              <th scope="col">Memory</th>
              <th scope="col">Capacity</th>
              <th scope="col">Peak</th>
              <th scope="col">Used</th>
              <td></td>
              <th scope="col">Spilled</th>
              <th scope="col" class="t">Fullest at</th>
            </tr>
          </thead>
          <tbody>
            ${run.memory.map(row)}
          </tbody>
        </table>
      </div>
      ${run.memory.filter((m) => m.spills.length > 0).map(spillList)}`,
};

function row(m: Memory): Html {
  const share = m.capacity_bytes > 0 ? m.peak_bytes / m.capacity_bytes : 0;
  return markup`<tr>
    <th scope="row">${m.name}</th>
    <td>${fmt.bytes(m.capacity_bytes)}</td>
    <td>${fmt.bytes(m.peak_bytes)}</td>
    <td>${fmt.percent(share)}${share > 1 && ' (over)'}</td>
    <td class="bar" aria-hidden="true"><i class="s${share > 1 ? 2 : 1} ${widthClass(share)}"></i></td>
    <td>${m.spills.length > 0 ? fmt.bytes(m.spills.reduce((n, s) => n + s.bytes, 0)) : '0'}</td>
    <td class="t">${m.peak_at ? markup`<a data-layer>${m.peak_at}</a>` : '–'}</td>
  </tr>`;
}

const shownSpills = 200;

const spillList = (m: Memory): Html =>
  markup`<details>
    <summary>${plural(m.spills.length, 'tensor')} that did not fit in ${m.name}</summary>
    <div class="scroll">
      <table>
        <caption>
          Largest first
        </caption>
        <thead>
          <tr>
            <th scope="col">Tensor</th>
            <th scope="col" class="n">Size</th>
          </tr>
        </thead>
        <tbody>
          ${[...m.spills]
            .sort((a, b) => b.bytes - a.bytes)
            .slice(0, shownSpills)
            .map(
              (s) =>
                markup`<tr>
                  <th scope="row">${s.tensor}</th>
                  <td class="n">${fmt.bytes(s.bytes)}</td>
                </tr>`,
            )}
        </tbody>
      </table>
    </div>
    ${m.spills.length > shownSpills && markup`<p class="quiet">${m.spills.length - shownSpills} smaller ones are in run.json.</p>`}
  </details>`;
