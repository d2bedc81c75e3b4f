import type { TSchema } from '@sinclair/typebox';
import { AsicMachine, CpuMachine, FpgaMachine, GpuMachine, TpuMachine } from './families.ts';

export type Machine = CpuMachine | GpuMachine | TpuMachine | AsicMachine | FpgaMachine;
export type FamilyName = Machine['family'];

/** The schema of a machine file by the family it names. */
export const machineSchemas: Readonly<Record<FamilyName, TSchema>> = {
  cpu: CpuMachine,
  gpu: GpuMachine,
  tpu: TpuMachine,
  asic: AsicMachine,
  fpga: FpgaMachine,
};

export const familyNames = Object.keys(machineSchemas) as readonly FamilyName[];

export type { AsicMachine, CpuMachine, FpgaMachine, GpuMachine, TpuMachine } from './families.ts';
export type { Memory } from './common.ts';
