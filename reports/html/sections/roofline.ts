import { plural } from '../../../src/base/text.ts';
import { fmt } from '../format.ts';
import { bytesThrough, layersUnderRoof, mainRoof, type MainRoof } from '../roof.ts';
import type { Section, View } from '../view.ts';
import { choice, figure } from './figure.ts';

/** Intensity against attained rate, under the roofs of the machine. */
export const roofline: Section = {
  name: 'roofline',
  short: 'Roofline',
  question: 'Where is the roofline?',
  applies: ({ run }) => mainRoof(run) !== undefined,
  answer: (view) => {
    const roof = mainRoof(view.run)!;
    const { below, above, ridge } = sides(view, roof);
    return `The ridge of ${roof.memory} lies at ${fmt.plain(ridge)} MAC/B for ${roof.precision}. Left of it, where bandwidth sets the limit, ${below === 1 ? 'lies' : 'lie'} ${plural(below, 'layer')}; right of it, where arithmetic does, ${above}.`;
  },
  body: (view) =>
    figure(view, {
      chart: 'roofline',
      title: 'Attained rate against intensity',
      finding: finding(view, mainRoof(view.run)!),
      controls: choice('Bytes through', 'memory', memories(view, mainRoof(view.run)!)),
    }),
};

/** The memory that the answer speaks of comes first. */
const memories = ({ run }: View, { memory }: MainRoof): [string, string][] =>
  [memory, ...Object.keys(run.machine.bandwidths).filter((m) => m !== memory)].map((m) => [m, m]);

function sides({ run }: View, { memory, precision }: MainRoof): { below: number; above: number; ridge: number } {
  const ridge = run.machine.peaks[precision]! / run.machine.bandwidths[memory]!;
  const layers = layersUnderRoof(run, memory);
  const below = layers.filter((l) => l.macs / bytesThrough(l, memory) < ridge).length;
  return { below, above: layers.length - below, ridge };
}

function finding({ run }: View, { memory }: MainRoof): string {
  const drawn = layersUnderRoof(run, memory).length;
  const left = run.layers.filter((l) => l.macs > 0).length - drawn;
  const missing =
    left === 0
      ? ''
      : ` ${left} more with products ${left === 1 ? 'is' : 'are'} not drawn: on the host, or without traffic through ${memory}.`;
  return `${plural(drawn, 'layer')} with products; the area of a mark is its share of the time, its shape the kind of op.${missing}`;
}
