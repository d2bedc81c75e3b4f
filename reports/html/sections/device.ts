import type { Run } from '../../../compiler/run/schema.ts';
import { fmt } from '../format.ts';
import { markup, widthClass, type Html } from '../html.ts';
import type { Section } from '../view.ts';

type Resource = keyof NonNullable<Run['total']['resources']>;

const names: Readonly<Record<Resource, string>> = {
  lut: 'LUT',
  ff: 'Flip-flop',
  dsp: 'DSP',
  bram36: 'BRAM (36 Kibit)',
  uram: 'URAM',
};

/** Resources of an FPGA design against those of the device. */
export const device: Section = {
  name: 'device',
  short: 'Device',
  question: 'Does it fit the device?',
  applies: ({ run }) => run.total.resources !== undefined && run.machine.available !== undefined,
  answer: ({ run }) => {
    const [tightest] = usage(run).sort((a, b) => b.share - a.share);
    if (!tightest) return 'It uses none of the device.';
    return `${tightest.share > 1 ? 'No' : 'Yes'}: the scarcest resource is ${tightest.name}, of which ${fmt.percent(tightest.share)} ${tightest.share > 1 ? 'would be needed' : 'is used'}.`;
  },
  body: ({ run }) =>
    markup`<div class="scroll">
      <table class="totals">
        <caption>
          Resources of ${run.machine.title}
        </caption>
        <thead>
          <tr>
            <th scope="col">Resource</th>
            <th scope="col">Used</th>
            <th scope="col">Available</th>
            <th scope="col">Share</th>
            <td></td>
          </tr>
        </thead>
        <tbody>
          ${usage(run).map(row)}
        </tbody>
      </table>
    </div>`,
};

interface Usage {
  readonly name: string;
  readonly used: number;
  readonly available: number;
  readonly share: number;
}

function usage(run: Run): Usage[] {
  const [used, available] = [run.total.resources!, run.machine.available!];
  return (Object.keys(names) as Resource[])
    .filter((r) => used[r] > 0 || available[r] > 0)
    .map((r) => ({
      name: names[r],
      used: used[r],
      available: available[r],
      share: available[r] > 0 ? used[r] / available[r] : Infinity,
    }));
}

const row = (u: Usage): Html =>
  markup`<tr>
    <th scope="row">${u.name}</th>
    <td>${fmt.whole(u.used)}</td>
    <td>${fmt.whole(u.available)}</td>
    <td>${Number.isFinite(u.share) ? percent(u.share) : 'none there'}</td>
    <td class="bar" aria-hidden="true"><i class="s${u.share > 1 ? 2 : 1} ${widthClass(u.share)}"></i></td>
  </tr>`;

const percent = (share: number): string => (share > 1 ? `${fmt.plain(share * 100)}\u00a0%` : fmt.percent(share));
