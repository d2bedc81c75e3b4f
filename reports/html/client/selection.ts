import type { LoadedRun } from './load.ts';

export interface Selection {
  readonly run: number;
  /** Index of the layer, when one is selected. */
  readonly layer: number | undefined;
}

type Listener = (now: Selection) => void;

/** One selection for the whole page. It lives in the fragment of the URL, so that Back and a sent link work. */
export class Selected {
  private now: Selection = { run: 0, layer: undefined };
  private readonly listeners: Listener[] = [];
  private readonly runs: readonly LoadedRun[];

  constructor(runs: readonly LoadedRun[]) {
    this.runs = runs;
    window.addEventListener('hashchange', () => this.readFragment());
  }

  get current(): Selection {
    return this.now;
  }

  onChange(listener: Listener): void {
    this.listeners.push(listener);
  }

  /** The layer if it is not the selected one, and none if it is. */
  toggle(run: number, layer: number): void {
    this.set({ run, layer: this.now.run === run && this.now.layer === layer ? undefined : layer });
  }

  set(next: Selection): void {
    if (next.run === this.now.run && next.layer === this.now.layer) return;
    const fragment = this.fragmentOf(next);
    // An empty fragment would scroll to the top; replacing the state does not.
    if (fragment === '') history.pushState(null, '', location.pathname + location.search);
    else location.hash = fragment;
    this.apply(next);
  }

  /** A fragment without "=" is the name of a section and leaves the selection alone. */
  readFragment(): void {
    const text = location.hash.slice(1);
    if (text !== '' && !text.includes('=')) return;
    const wanted = new URLSearchParams(text);
    const run = Math.min(this.runs.length, Math.max(1, Number(wanted.get('run') ?? 1) || 1)) - 1;
    const name = wanted.get('layer');
    const found =
      name === null ? -1 : (this.runs[run]?.layers.findIndex((l) => l.name === name || l.nodes.includes(name)) ?? -1);
    this.apply({ run, layer: found < 0 ? undefined : found });
  }

  /** The fragment that selects a layer of a run. */
  fragmentOf({ run, layer }: Selection): string {
    const parts = new URLSearchParams();
    if (layer !== undefined) parts.set('layer', this.runs[run]!.layers[layer]!.name);
    if (run > 0) parts.set('run', String(run + 1));
    return parts.toString();
  }

  private apply(next: Selection): void {
    if (next.run === this.now.run && next.layer === this.now.layer) return;
    this.now = next;
    for (const listener of this.listeners) listener(next);
  }
}
