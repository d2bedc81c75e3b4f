import { all, element, say } from './dom.ts';
import { inkForPaper, inkOf } from './charts/ink.ts';
import type { Controls, Draw, Drawing, Surface, Tip } from './drawing.ts';
import { savePng, savePngOf, saveSvg } from './export.ts';
import { csvOf, fileName, save, type DataTable } from './files.ts';
import type { LoadedRun } from './load.ts';
import type { Selected } from './selection.ts';

/** Less is no place to draw in. */
const narrowest = 160;

/** CSS pixels across the text of an A4 page. */
const paperWidth = 720;

/** Rows of bars that one page of paper holds. */
const rowsOfPaper = 34;

/** Serves one figure: draws it when it comes near, and gives it pointer, keys, data and export. */
export class Figure {
  private drawing: Drawing | undefined;
  private point: number | undefined;
  private width = 0;
  private isPrinting = false;
  private readonly plot: HTMLElement;
  private readonly tip = element('div', { class: 'tip', hidden: '' });
  private readonly name: string;
  private readonly root: HTMLElement;
  private readonly run: LoadedRun;
  private readonly selected: Selected;
  private readonly draw: Draw;

  constructor(root: HTMLElement, run: LoadedRun, selected: Selected, draw: Draw) {
    [this.root, this.run, this.selected, this.draw] = [root, run, selected, draw];
    this.plot = root.querySelector<HTMLElement>('.plot')!;
    this.name = fileName(run.model, run.machine, root.dataset.chart!);
    this.listen();
    new IntersectionObserver((seen) => seen.some((s) => s.isIntersecting) && this.redraw(), {
      rootMargin: '600px',
    }).observe(root);
    // A drawing that nobody has seen yet waits until it comes near.
    new ResizeObserver(() => this.drawing && !this.isPrinting && this.room !== this.width && this.redraw()).observe(
      this.plot,
    );
    selected.onChange(() => this.markSelected());
  }

  /** Draws now, whether near or not. */
  private ensure(): void {
    if (!this.drawing) this.redraw(true);
  }

  /** For paper: the whole drawing, at a width at which its text is as large as that of the page. */
  print(): void {
    this.isPrinting = true;
    this.ensure();
    const paper = { width: paperWidth, height: Infinity, ink: inkForPaper(this.plot), ratio: 2 };
    const pages = this.drawing!.pictures?.(paper, rowsOfPaper);
    if (pages) return this.plot.replaceChildren(...pages.map((page) => this.described(page)));
    this.width = paperWidth;
    this.renew();
    this.drawing!.zoom?.('fit');
  }

  /** Back to the screen; a part of the page that is not shown is drawn when it is. */
  afterPrint(): void {
    this.isPrinting = false;
    this.drawing?.close?.();
    this.drawing = undefined;
    this.plot.replaceChildren();
    this.redraw();
  }

  /** A canvas holds its colours; style sheets recolour the rest. */
  recolour(): void {
    if (this.drawing?.pictures) this.renew();
  }

  private get controls(): Controls {
    return Object.fromEntries(
      all<HTMLSelectElement>(this.root, '[data-control]').map((c) => [c.dataset.control!, c.value]),
    );
  }

  /** Width inside the padding of the plot. */
  private get room(): number {
    const { paddingLeft, paddingRight } = getComputedStyle(this.plot);
    return this.plot.clientWidth - parseFloat(paddingLeft) - parseFloat(paddingRight);
  }

  private redraw(evenHidden = false): void {
    const room = this.room;
    const width = room >= narrowest || !evenHidden ? room : paperWidth;
    // Parts of the page that are not laid out yet have no width to draw in.
    if (width < narrowest || (this.drawing && width === this.width && !evenHidden)) return;
    this.width = width;
    this.renew();
  }

  private renew(): void {
    const scrolled = this.plot.scrollTop;
    this.drawing?.close?.();
    this.drawing = this.draw(this.surface, this.controls);
    this.point = undefined;
    this.tip.hidden = true;
    const { node } = this.drawing;
    if (node instanceof SVGElement) node.setAttribute('aria-hidden', 'true');
    else all<HTMLCanvasElement>(node, 'canvas').forEach((canvas) => this.described(canvas));
    this.plot.replaceChildren(node, this.tip);
    this.plot.scrollTop = scrolled;
    this.markSelected();
    const details = this.root.querySelector<HTMLDetailsElement>('details.data')!;
    all(details, '.scroll, .tools').forEach((old) => old.remove());
    if (details.open) this.fillData(details);
  }

  private get surface(): Surface {
    const height = Math.min(820, innerHeight * 0.8) - 24;
    return { width: this.width, height, ink: inkOf(this.plot), ratio: devicePixelRatio };
  }

  /** The sentence of the figure stands for the picture. */
  private described(canvas: HTMLCanvasElement): HTMLCanvasElement {
    canvas.setAttribute('role', 'img');
    canvas.setAttribute('aria-label', this.root.querySelector('figcaption p')!.textContent);
    return canvas;
  }

  private markSelected(): void {
    const { run, layer } = this.selected.current;
    const point = layer === undefined || run !== this.run.index ? undefined : this.drawing?.pointOf(layer);
    this.drawing?.mark('selected', point);
    // What is drawn on a canvas cannot be found there.
    if (point === undefined) delete this.plot.dataset.selected;
    else this.plot.dataset.selected = this.run.layers[layer!]!.name;
  }

  private listen(): void {
    const { plot, root } = this;
    for (const control of all<HTMLInputElement>(root, '[data-control]')) {
      const isSearch = control.type === 'search';
      control.addEventListener(isSearch ? 'input' : 'change', () =>
        isSearch ? this.find(control.value) : this.drawing && this.renew(),
      );
    }
    for (const b of all(root, '[data-zoom]')) b.addEventListener('click', () => this.drawing?.zoom?.(b.dataset.zoom!));
    for (const b of all(root, '[data-export]')) b.addEventListener('click', () => this.export(b.dataset.export!));
    const details = root.querySelector<HTMLDetailsElement>('details.data')!;
    details.addEventListener('toggle', () => details.open && this.fillData(details));
    plot.addEventListener('pointermove', (e) => this.focus(this.drawing?.hit(e.clientX, e.clientY), false));
    plot.addEventListener('pointerleave', () => this.focus(undefined, false));
    plot.addEventListener('click', (e) => this.select(this.drawing?.hit(e.clientX, e.clientY)));
    plot.addEventListener('keydown', (e) => this.onKey(e));
    plot.addEventListener('blur', () => this.focus(undefined, false));
  }

  private find(text: string): void {
    const found = this.drawing?.find?.(text);
    if (found !== undefined && text !== '') say(`${found} found`);
  }

  private export(kind: string): void {
    this.ensure();
    const { drawing } = this;
    const [picture] = drawing!.pictures?.({ ...this.surface, height: Infinity, ratio: 2 }, Infinity) ?? [];
    if (picture) savePng(picture, this.name);
    else if (drawing!.node instanceof SVGSVGElement) (kind === 'svg' ? saveSvg : savePngOf)(drawing!.node, this.name);
  }

  private select(point: number | undefined): void {
    const layer = point === undefined ? undefined : this.drawing!.layer(point);
    if (layer !== undefined) this.selected.toggle(this.run.index, layer);
  }

  private onKey(e: KeyboardEvent): void {
    if (!this.drawing || e.ctrlKey || e.metaKey || e.altKey || e.target !== this.plot) return;
    const { drawing } = this;
    const isArrow = e.key.startsWith('Arrow') || e.key === 'Home' || e.key === 'End';
    if (isArrow && drawing.count > 0) this.focus(this.next(e.key), true);
    else if (e.key === 'Enter' || e.key === ' ') this.select(this.point);
    else if (e.key === 't' || e.key === 'T')
      this.root.querySelector<HTMLDetailsElement>('details.data')!.toggleAttribute('open');
    else if (e.key === '+' || e.key === '-' || e.key === '0')
      drawing.zoom?.({ '+': 'in', '-': 'out', '0': 'fit' }[e.key]);
    else if (e.key === 'Escape' && this.point !== undefined) this.focus(undefined, false);
    else return;
    e.preventDefault();
    e.stopPropagation();
  }

  private next(key: string): number {
    const { drawing } = this;
    if (key === 'Home') return 0;
    if (key === 'End') return drawing!.count - 1;
    const { run, layer } = this.selected.current;
    const start = layer === undefined || run !== this.run.index ? undefined : drawing!.pointOf(layer);
    if (this.point === undefined) return start ?? 0;
    return Math.min(drawing!.count - 1, Math.max(0, drawing!.step(this.point, key)));
  }

  private focus(point: number | undefined, byKey: boolean): void {
    if (point === this.point || !this.drawing) return;
    this.point = point;
    this.drawing.mark('focused', point);
    this.plot.classList.toggle('pointing', point !== undefined);
    this.tip.hidden = point === undefined;
    if (point === undefined) return;
    const tip = this.drawing.tip(point);
    this.showTip(tip, byKey);
    if (byKey) say(`${tip.title}: ${tip.lines.map(([name, value]) => `${name} ${value}`).join(', ')}`);
  }

  /** Beside the mark, inside the figure. */
  private showTip(tip: Tip, byKey: boolean): void {
    const rows = tip.lines.map(([name, value]) =>
      element('div', {}, element('span', {}, name), element('b', {}, value)),
    );
    this.tip.replaceChildren(element('strong', {}, tip.title), ...rows);
    const mark = this.drawing!.spot(this.point!);
    if (byKey) mark.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    const [box, plot] = [mark.getBoundingClientRect(), this.plot.getBoundingClientRect()];
    const isWide = box.width > plot.width / 2;
    const left = (isWide ? box.left + box.width * 0.55 : box.right + 12) - plot.left;
    const top = (isWide ? box.bottom + 6 : box.top) - plot.top + this.plot.scrollTop;
    const room = this.plot.scrollTop + this.plot.clientHeight - this.tip.offsetHeight - 4;
    this.tip.style.left = `${Math.max(4, Math.min(left, plot.width - this.tip.offsetWidth - 8))}px`;
    this.tip.style.top = `${Math.max(this.plot.scrollTop + 4, isWide && top > room ? box.top - plot.top + this.plot.scrollTop - this.tip.offsetHeight - 6 : Math.min(top, room))}px`;
  }

  private fillData(details: HTMLDetailsElement): void {
    this.ensure();
    if (details.querySelector('.scroll')) return;
    const table = this.drawing!.table();
    const button = element('button', { type: 'button' }, 'Save CSV');
    button.addEventListener('click', () => save(`${this.name}.csv`, 'text/csv', csvOf(table)));
    const label = this.root.querySelector('h3')!.textContent;
    details.append(
      element('div', { class: 'tools' }, button),
      element(
        'div',
        { class: 'scroll tall', tabindex: 0, role: 'region', 'aria-label': `Data of ${label}` },
        tableElement(table, label),
      ),
    );
  }
}

function tableElement({ head, rows }: DataTable, caption: string): HTMLTableElement {
  const cell = (x: string | number | null): HTMLTableCellElement =>
    typeof x === 'number'
      ? element('td', { class: 'n' }, Number.isInteger(x) ? String(x) : x.toPrecision(4))
      : element('td', {}, x ?? '–');
  return element(
    'table',
    {},
    element('caption', {}, caption),
    element(
      'thead',
      {},
      element(
        'tr',
        {},
        ...head.map((h, i) =>
          element('th', { scope: 'col', class: typeof rows[0]?.[i] === 'number' ? 'n' : undefined }, h),
        ),
      ),
    ),
    element(
      'tbody',
      {},
      ...rows.map(([first, ...rest]) =>
        element('tr', {}, element('th', { scope: 'row' }, String(first)), ...rest.map(cell)),
      ),
    ),
  );
}
