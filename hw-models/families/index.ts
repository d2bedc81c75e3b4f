import type { Family, Network, NetworkCost } from '../contract.ts';
import { InternalError } from '../../src/base/diagnostics.ts';
import type { Machine } from '../schema/machine.ts';
import { asic } from './asic.ts';
import { cpu } from './cpu.ts';
import { fpga } from './fpga.ts';
import { gpu } from './gpu.ts';
import { tpu } from './tpu.ts';

/** Every family that ships with netloom. A family prices only machines that name it, which is what makes the erased type sound. */
export const builtinFamilies: readonly Family[] = [cpu, gpu, tpu, asic, fpga];

export function familyOf(machine: Machine, families: readonly Family[] = builtinFamilies): Family {
  const family = families.find((f) => f.name === machine.family);
  if (!family) throw new InternalError(`no family "${machine.family}" is registered`);
  return family;
}

/** Prices a network on a machine; what the machine cannot run goes to `host`. */
export function price(
  network: Network,
  machine: Machine,
  host: Machine | undefined,
  families: readonly Family[] = builtinFamilies,
): NetworkCost {
  return familyOf(machine, families).price(
    network,
    machine,
    host ? { host, onHost: (tasks) => familyOf(host, families).price(tasks, host, {}) } : {},
  );
}
