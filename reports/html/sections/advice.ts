import type { Run } from '../../../compiler/run/schema.ts';
import { fmt } from '../format.ts';
import { markup, type Html } from '../html.ts';
import type { Section } from '../view.ts';

type Advice = Run['advice'][number];

/** Changes that were priced, best first. */
export const advice: Section = {
  name: 'advice',
  short: 'Advice',
  question: 'What should I change?',
  answer: ({ run }) => {
    const [best] = run.advice;
    if (!best) return 'There is none: no change was tried, or none of those tried helps by more than 5 %.';
    return `${run.advice.length === 1 ? 'One change helps' : `${run.advice.length} changes help`}; the best gives ${fmt.times(best.gain.latency_ratio)} the time and ${fmt.times(best.gain.energy_ratio)} the energy.`;
  },
  body: ({ run }) =>
    markup`<ol class="changes">
      ${run.advice.map(item)}
    </ol>`,
};

const item = (a: Advice): Html =>
  markup`<li>
    <div class="gain">
      <span><b>${fmt.times(a.gain.latency_ratio)}</b> time</span
      ><span><b>${fmt.times(a.gain.energy_ratio)}</b> energy</span>
    </div>
    <div>
      <p>${fmt.prose(a.text)}</p>
      <p class="try">
        <code>${a.try}</code>
        <span class="quiet">priced again, not guessed · <code>netloom explain ${a.code}</code></span>
      </p>
      ${a.layers.length > 0 && markup`<p class="layers quiet">Mostly at ${a.layers.map((name, i) => markup`${i > 0 && ', '}<a data-layer>${name}</a>`)}</p>`}
    </div>
  </li>`;
