import type { LayerData } from '../data.ts';
import { all } from './dom.ts';
import { confirm, copy, csvOf, fileName, save, type DataTable } from './files.ts';
import type { LoadedRun } from './load.ts';
import type { Selected } from './selection.ts';

interface Column {
  readonly key: string;
  readonly title: string;
  readonly value: (layer: LayerData) => string | number | null;
}

const units: Readonly<Record<string, string>> = {
  time: 'latency_s',
  energy: 'energy_j',
  share: 'time_share',
  name: 'layer',
};

/** Sorts, filters and copies the table of layers that the page came with. */
export class LayerTable {
  private readonly run: LoadedRun;
  private readonly selected: Selected;
  private readonly section: HTMLElement;
  private readonly table: HTMLTableElement;
  private readonly rows: readonly HTMLTableRowElement[];
  private readonly columns: readonly Column[];
  private order: number[];
  private hidden = new Set<string>();
  private sorted: { key: string; isDown: boolean } | undefined;

  constructor(run: LoadedRun, selected: Selected) {
    [this.run, this.selected] = [run, selected];
    this.section = run.article.querySelector<HTMLElement>('section.layers')!;
    this.table = this.section.querySelector('table.layers')!;
    this.rows = [...this.table.tBodies[0]!.rows];
    this.order = this.rows.map((_, i) => i);
    this.columns = all<HTMLTableCellElement>(this.table, 'thead th').map((th) => ({
      key: th.dataset.key!,
      title: th.textContent.trim(),
      value: valueOf(run, th.dataset.key!),
    }));
    this.rows.forEach((row, i) => (row.dataset.layer = String(i)));
    this.hidden = new Set(all(this.table, 'th[data-extra]').map((th) => th.dataset.key!));
    this.showColumns();
    this.makeReachable();
    this.listen();
    this.filter();
  }

  private listen(): void {
    const { section, table } = this;
    for (const control of all(section, '[data-control]')) control.addEventListener('input', () => this.filter());
    for (const box of all<HTMLInputElement>(section, '.menu input'))
      box.addEventListener('change', () => {
        this.hidden[box.checked ? 'delete' : 'add'](box.value);
        this.showColumns();
      });
    for (const th of all<HTMLTableCellElement>(table, 'thead th'))
      th.querySelector('button')!.addEventListener('click', () => this.sort(th.dataset.key!));
    for (const button of all<HTMLButtonElement>(section, '[data-action]'))
      button.addEventListener('click', () => void this.export(button));
    const body = table.tBodies[0]!;
    body.addEventListener('click', (e) => {
      const row = (e.target as Element).closest('tr');
      if (row) this.selected.toggle(this.run.index, Number(row.dataset.layer));
    });
    body.addEventListener('keydown', (e) => this.onKey(e));
    this.selected.onChange(() => this.mark());
  }

  /** One stop for the Tab key; arrows go from row to row. */
  private makeReachable(): void {
    const first = this.order.find((i) => !this.rows[i]!.hidden);
    all(this.table, 'tbody button[tabindex="0"]').forEach((b) => (b.tabIndex = -1));
    if (first !== undefined) this.buttonOf(first).tabIndex = 0;
  }

  private buttonOf(row: number): HTMLButtonElement {
    return this.rows[row]!.querySelector('button')!;
  }

  private onKey(e: KeyboardEvent): void {
    const now = (e.target as Element).closest('tr');
    if (!now || !['ArrowDown', 'ArrowUp', 'Home', 'End'].includes(e.key)) return;
    e.preventDefault();
    const shown = this.order.filter((i) => !this.rows[i]!.hidden);
    const at = shown.indexOf(Number(now.dataset.layer));
    const to = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: shown.length - 1 }[e.key]!;
    const target = shown[Math.min(shown.length - 1, Math.max(0, to))];
    if (target === undefined) return;
    now.querySelector('button')!.tabIndex = -1;
    this.buttonOf(target).tabIndex = 0;
    this.buttonOf(target).focus();
  }

  private sort(key: string): void {
    const { value } = this.columns.find((c) => c.key === key)!;
    // Numbers start with the largest, names with the first; a third click goes back to the schedule.
    const isText = typeof value(this.run.layers[0]!) === 'string';
    const same = this.sorted?.key === key ? this.sorted : undefined;
    this.sorted = !same ? { key, isDown: !isText } : same.isDown === isText ? undefined : { key, isDown: isText };
    const values = this.run.layers.map(value);
    const sign = this.sorted?.isDown ? -1 : 1;
    this.order = this.rows.map((_, i) => i);
    if (this.sorted) this.order.sort((a, b) => sign * compare(values[a]!, values[b]!) || a - b);
    this.table.tBodies[0]!.append(...this.order.map((i) => this.rows[i]!));
    for (const th of all<HTMLTableCellElement>(this.table, 'thead th')) {
      if (th.dataset.key === this.sorted?.key)
        th.setAttribute('aria-sort', this.sorted!.isDown ? 'descending' : 'ascending');
      else th.removeAttribute('aria-sort');
    }
    this.makeReachable();
  }

  private filter(): void {
    const wanted = Object.fromEntries(
      all<HTMLInputElement>(this.section, '[data-control]').map((c) => [c.dataset.control!, c.value]),
    );
    const text = (wanted.text ?? '').trim().toLowerCase();
    const boundOf = valueOf(this.run, 'bound');
    let [count, time] = [0, 0];
    this.run.layers.forEach((l, i) => {
      const isText =
        text === '' ||
        `${l.name} ${l.op} ${l.kind} ${l.output} ${l.precision} ${l.unit} ${l.nodes.join(' ')}`
          .toLowerCase()
          .includes(text);
      const isShown = isText && (!wanted.op || l.op === wanted.op) && (!wanted.bound || boundOf(l) === wanted.bound);
      this.rows[i]!.hidden = !isShown;
      if (isShown) [count, time] = [count + 1, time + l.time];
    });
    this.makeReachable();
    this.section.querySelector('output')!.textContent =
      `${count} of ${this.rows.length} layers, ${this.run.time > 0 ? ((100 * time) / this.run.time).toFixed(1) : '0'} % of the time`;
  }

  private showColumns(): void {
    this.columns.forEach((c, i) => this.table.classList.toggle(`no${i + 1}`, this.hidden.has(c.key)));
  }

  private mark(): void {
    all(this.table, 'tr.selected').forEach((row) => {
      row.classList.remove('selected');
      row.querySelector('button')!.removeAttribute('aria-pressed');
    });
    const { run, layer } = this.selected.current;
    if (run !== this.run.index || layer === undefined) return;
    this.rows[layer]!.classList.add('selected');
    this.buttonOf(layer).setAttribute('aria-pressed', 'true');
  }

  /** What is shown, in the order shown, as plain values. */
  private data(): DataTable {
    const columns = this.columns.filter((c) => !this.hidden.has(c.key));
    const shown = this.order.filter((i) => !this.rows[i]!.hidden);
    return {
      head: columns.map((c) => units[c.key] ?? c.key),
      rows: shown.map((i) => columns.map((c) => c.value(this.run.layers[i]!))),
    };
  }

  private async export(button: HTMLButtonElement): Promise<void> {
    const text = csvOf(this.data());
    if (button.dataset.action === 'save')
      save(`${fileName(this.run.model, this.run.machine, 'layers')}.csv`, 'text/csv', text);
    else confirm(button, (await copy(text)) ? 'Copied' : 'Not allowed here');
  }
}

function valueOf(run: LoadedRun, key: string): Column['value'] {
  if (key === 'share') return (l) => (run.time > 0 ? l.time / run.time : 0);
  if (key === 'bytes') return (l) => (l.traffic[0] ? l.traffic[0][0] + l.traffic[0][1] : 0);
  if (key === 'bound') return (l) => (l.unit === 'host' ? 'host' : l.unit === 'none' ? 'view' : l.bound);
  return (l) => l[key as keyof LayerData] as string | number | null;
}

/** Numbers by size, text by code unit, what is unknown last among the small. */
function compare(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}
