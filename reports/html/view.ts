import type { Run } from '../../compiler/run/schema.ts';
import type { Html } from './html.ts';
import { seriesCount } from './palette.ts';
import { timeParts, type TimeParts } from './time-parts.ts';

/** One run as the sections see it, with what several of them work out from it. */
export interface View {
  readonly run: Run;
  readonly index: number;
  /** Sum of the layers' latencies: what shares are shares of. */
  readonly time: number;
  /** Seconds of the layer that takes most. */
  readonly longest: number;
  readonly parts: Grouped & Pick<TimeParts, 'byLayer'>;
  readonly energy: Grouped & { readonly byLayer: readonly (readonly number[])[] };
  /** Outermost memory, where traffic and intensity are counted unless another one is chosen. */
  readonly outer: string | undefined;
  readonly command: string | undefined;
  readonly inputs: readonly { readonly path: string; readonly sha256: string | null }[];
}

export interface Grouped {
  readonly names: readonly string[];
  readonly totals: readonly number[];
}

/** A question, its answer in one sentence, and the evidence. */
export interface Section {
  readonly name: string;
  /** Short name for the list of contents. */
  readonly short: string;
  readonly question: string;
  /** False leaves the section out: it has nothing to say about this run. */
  readonly applies?: (view: View) => boolean;
  readonly answer: (view: View) => string;
  readonly body: (view: View) => Html;
}

export const idOf = (view: View, name: string): string => (view.index === 0 ? name : `${name}-${view.index + 1}`);

export function viewOf(run: Run, index: number, options: Pick<View, 'command' | 'inputs'>): View {
  const components = Object.keys(run.total.energy_by).sort((a, b) => run.total.energy_by[b]! - run.total.energy_by[a]!);
  const energyRows = run.layers.map((l) => components.map((c) => l.energy_by[c] ?? 0));
  const parts = timeParts(run);
  return {
    run,
    index,
    time: run.layers.reduce((n, l) => n + l.latency_s.value, 0),
    longest: run.layers.reduce((m, l) => Math.max(m, l.latency_s.value), 0),
    parts: atMostSix(parts.names, parts.byLayer),
    energy: atMostSix(components, energyRows),
    outer: Object.keys(run.machine.bandwidths)[0],
    ...options,
  };
}

/** Keeps as many series as there are colours; the smallest ones become "other". */
function atMostSix(names: readonly string[], byLayer: readonly (readonly number[])[]): View['parts'] {
  const totals = names.map((_, i) => byLayer.reduce((n, row) => n + row[i]!, 0));
  if (names.length <= seriesCount) return { names, totals, byLayer };
  const bySize = names.map((_, i) => i).sort((a, b) => totals[b]! - totals[a]!);
  const kept = bySize.slice(0, seriesCount - 1).sort((a, b) => a - b);
  const rest = bySize.slice(seriesCount - 1);
  const fold = (row: readonly number[]): number[] => [
    ...kept.map((i) => row[i]!),
    rest.reduce((n, i) => n + row[i]!, 0),
  ];
  return {
    names: [...kept.map((i) => names[i]!), `other (${rest.map((i) => names[i]!).join(', ')})`],
    totals: fold(totals),
    byLayer: byLayer.map(fold),
  };
}
