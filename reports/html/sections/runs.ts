import type { Run } from '../../../compiler/run/schema.ts';
import { totalsTable } from '../../compare.ts';
import { isNumeric, type Cell, type ColumnKind } from '../../table.ts';
import { fmt } from '../format.ts';
import { markup, type Html } from '../html.ts';

const shown = (cell: Cell, kind: ColumnKind): string => {
  if (cell === null) return '–';
  if (typeof cell === 'string') return cell;
  if (kind === 'seconds') return fmt.seconds(cell);
  if (kind === 'joules') return fmt.joules(cell);
  return kind === 'share' ? fmt.percent(cell) : `${fmt.plain(cell)}×`;
};

/** Totals of several runs side by side; the first one is what the others are compared with. */
export function runsSection(runs: readonly Run[]): Html {
  const table = totalsTable(runs);
  const best = (key: 'latency_s' | 'energy_j'): Run =>
    runs.reduce((a, b) => (b.total[key].value < a.total[key].value ? b : a));
  const [fastest, thriftiest] = [best('latency_s'), best('energy_j')];
  const where = (r: Run): string => `${r.machine.name} (${r.precision}, batch ${r.batch})`;
  return markup`<section id="runs" aria-labelledby="runs-title">
    <h2 id="runs-title">How do the runs compare?</h2>
    <p class="answer">
      ${fastest === thriftiest ? `${where(fastest)} has both the lowest latency and the lowest energy.` : `${where(fastest)} has the lowest latency, ${where(thriftiest)} the lowest energy.`}
    </p>
    <div class="scroll">
      <table class="runs">
        <caption>
          ${runs.length} runs; ratios are to the first
        </caption>
        <thead>
          <tr>
            ${table.columns.map((c) => markup`<th scope="col" ${isNumeric(c.kind) && markup` class="n"`}>${c.title}</th>`)}
          </tr>
        </thead>
        <tbody>
          ${table.rows.map(
            (row, i) =>
              markup`<tr>
                ${row.map((cell, j) => (j === 0 ? markup`<th scope="row"><a href="#run-${i + 1}" data-run="${i}">${cell}</a></th>` : markup`<td${isNumeric(table.columns[j]!.kind) && markup` class="n"`}>${shown(cell, table.columns[j]!.kind)}</td>`))}
              </tr>`,
          )}
        </tbody>
      </table>
    </div>
  </section>`;
}
