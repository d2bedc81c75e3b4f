import { diagnostic, type Diagnostic } from '../../src/base/diagnostics.ts';
import type { JsonDocument } from '../../src/base/json.ts';
import { show } from '../../src/base/units.ts';
import type { Memory } from './common.ts';
import type { Machine } from './machine.ts';

/** Highest bandwidth of one machine by kind of DRAM, in bytes a second: about twice the widest product on the market. */
const pinLimit: Readonly<Record<NonNullable<Memory['type']>, number>> = {
  ddr3: 2e11,
  ddr4: 8e11,
  ddr5: 2e12,
  lpddr3: 1e11,
  lpddr4: 3e11,
  lpddr5: 2e12,
  gddr5: 1e12,
  gddr6: 2e12,
  gddr6x: 2.5e12,
  hbm2: 3.5e12,
  hbm2e: 5e12,
  hbm3: 1.2e13,
  hbm3e: 2e13,
};

/** Values that the schema allows and hardware does not have: warned about, and used as given. */
export function senseChecks(machine: Machine, document: JsonDocument): Diagnostic[] {
  const found: Diagnostic[] = [];
  const warn = (pointer: string, message: string, cause: string): void =>
    void found.push(
      diagnostic('warning', 'NL2108', {
        message,
        at: document.locate(pointer),
        cause,
        fix: 'check the number and its unit; it is used as it stands',
      }),
    );
  if (machine.clock > 7e9)
    warn(
      '/clock',
      'the clock is above that of any product',
      `${show.rate(machine.clock, 'Hz')}; processors end near 6 GHz`,
    );
  if (machine.family === 'fpga' && machine.clock > 9e8)
    warn(
      '/clock',
      'the clock is above what the fabric reaches',
      `${show.rate(machine.clock, 'Hz')}; DSP slices end near 890 MHz`,
    );
  if (machine.power.idle === 0)
    warn('/power/idle', 'the idle power is 0', 'every chip leaks; energy would miss its static part');
  machine.memory.forEach((m, i) => {
    if (m.type && m.bandwidth > pinLimit[m.type])
      warn(
        `/memory/${i}/bandwidth`,
        `the bandwidth of "${m.name}" is above the pins of ${m.type}`,
        `${show.rate(m.bandwidth, 'B/s')}; the widest ${m.type} systems stay below ${show.rate(pinLimit[m.type], 'B/s')}`,
      );
    if (m.energy === 0)
      warn(
        `/memory/${i}/energy`,
        `an access of "${m.name}" costs no energy`,
        'every access moves charge; energy would be too low',
      );
    const outer = machine.memory[i - 1];
    if (outer && m.bandwidth < outer.bandwidth)
      warn(
        `/memory/${i}/bandwidth`,
        `"${m.name}" is slower than "${outer.name}", which lies further out`,
        `${show.rate(m.bandwidth, 'B/s')} against ${show.rate(outer.bandwidth, 'B/s')}`,
      );
  });
  return found;
}
