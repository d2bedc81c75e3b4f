import { ceilDiv } from '../../../src/base/units.ts';
import type { Resources } from '../../contract.ts';
import type { FpgaMachine } from '../../schema/machine.ts';

/**
 * Resources of streaming kernels by formula, after FINN (Umuroglu et al., FPGA 2017; Blott et al., TRETS 2018) as its
 * compiler estimates them. Placed designs have 0.69 to 1.56 of these LUTs and 0.56 to 0.80 of these block RAMs.
 */
export const none: Resources = { lut: 0, ff: 0, dsp: 0, bram36: 0, uram: 0 };

export const plus = (a: Resources, b: Resources): Resources => ({
  lut: a.lut + b.lut,
  ff: a.ff + b.ff,
  dsp: a.dsp + b.dsp,
  bram36: a.bram36 + b.bram36,
  uram: a.uram + b.uram,
});

export const times = (a: Resources, n: number): Resources => ({
  lut: a.lut * n,
  ff: a.ff * n,
  dsp: a.dsp * n,
  bram36: a.bram36 * n,
  uram: a.uram * n,
});

/** Half block RAMs of a memory of `width` bits and `depth` words. */
export function bram18(width: number, depth: number): number {
  if (width === 1) return ceilDiv(depth, 16384);
  if (width === 2) return ceilDiv(depth, 8192);
  if (width <= 4) return ceilDiv(depth, 4096) * ceilDiv(width, 4);
  if (width <= 9) return ceilDiv(depth, 2048) * ceilDiv(width, 9);
  if (width <= 18 || depth > 512) return ceilDiv(depth, 1024) * ceilDiv(width, 18);
  return ceilDiv(depth, 512) * ceilDiv(width, 36);
}

export const uramBlocks = (width: number, depth: number): number => ceilDiv(width, 72) * ceilDiv(depth, 4096);

/** Words up to which a memory is made of LUTs. */
const lutRamDepth = 128;

/** A memory on the chip: LUT-RAM when shallow, block RAM, or UltraRAM when it fills it better. */
export function memoryOf(width: number, depth: number, device: FpgaMachine): Resources {
  if (width <= 0 || depth <= 0) return none;
  if (depth <= lutRamDepth) return { ...none, lut: width * ceilDiv(depth, 64) };
  const halves = bram18(width, depth);
  const ultra = uramBlocks(width, depth);
  // An UltraRAM holds eight block RAMs: worth it when it is not left mostly empty.
  if (device.fabric.uram > 0 && halves / 2 > 6 * ultra) return { ...none, uram: ultra };
  return { ...none, bram36: halves / 2 };
}

export interface MultiplierFormats {
  readonly weightBits: number;
  readonly inputBits: number;
  readonly isFloat: boolean;
}

/** DSP slices of one MAC; 0 where LUTs are the better place. Two 8-bit products fit a DSP48E2 (WP486). */
export function dspPerMac(
  { weightBits: w, inputBits: a, isFloat }: MultiplierFormats,
  kind: FpgaMachine['dspKind'],
): number {
  if (isFloat) return Math.max(w, a) > 16 ? 5 : 2; // floating-point multiplier and adder cores (PG060, full use): 3 + 2, and 2 in half precision
  if (w + a < 10) return 0;
  if (w <= 8 && a <= 8) return kind === 'dsp58' ? 1 / 3 : kind === 'dsp48e2' ? 1 / 2 : 1;
  return ceilDiv(w, 25) * ceilDiv(a, 18);
}

export interface MatrixUnit extends MultiplierFormats {
  readonly pe: number;
  readonly simd: number;
  /** Length of one dot product, and number of them. */
  readonly sums: number;
  readonly columns: number;
  readonly outputBits: number;
}

/** Products that share a DSP48E2 share their activation (two outputs); the three of a DSP58 belong to one dot product. */
function packedDsps(pe: number, simd: number, each: number): number {
  if (each === 1 / 2) return simd * ceilDiv(pe, 2);
  if (each === 1 / 3) return pe * ceilDiv(simd, 3);
  return Math.ceil(pe * simd * each);
}

/** LUTs, flip-flops and DSPs of `pe` dot products of `simd` products a cycle, without its memories. */
export function matrixUnit(u: MatrixUnit, kind: FpgaMachine['dspKind']): Resources {
  const { pe, simd, weightBits: w, inputBits: a, isFloat } = u;
  const dspEach = dspPerMac(u, kind);
  if (isFloat) {
    const wide = Math.max(w, a) > 16;
    return {
      ...none,
      lut: 300 + pe * simd * (wide ? 400 : 200),
      ff: 300 + pe * simd * (wide ? 600 : 300),
      dsp: Math.ceil(pe * simd * dspEach),
    };
  }
  const accumulator = w + a + Math.ceil(Math.log2(Math.max(2, u.sums)));
  const multiply = dspEach > 0 ? 0 : simd * (2 * ceilDiv(w + a, 6) - 1) * (w + a);
  const tree = dspEach > 0 ? accumulator : (w + a) * (2 * simd - 1);
  // Up to four bits a threshold comparison gives the output; above, a multiplier and a shift do (one DSP).
  const byThreshold = u.outputBits <= 4;
  const thresholds = byThreshold
    ? (2 ** u.outputBits - 1) * accumulator * (1 + ceilDiv(ceilDiv(u.columns, pe), 64))
    : 2 * accumulator;
  const lut = 300 + 1.1 * pe * (multiply + tree + accumulator + thresholds);
  return {
    ...none,
    lut,
    ff: lut * 0.9 + pe * accumulator,
    dsp: packedDsps(pe, simd, dspEach) + (byThreshold ? 0 : pe),
  };
}

/** LUTs of a FIFO of shift registers. */
export const fifo = (width: number, depth: number): Resources => ({
  ...none,
  lut: 2 * Math.ceil(Math.log2(Math.max(2, depth))) + ceilDiv(depth, 32) * ceilDiv(width, 2),
  ff: width,
});

/** What a design may use: the device less its shell, times the planning margins. */
export function budget(device: FpgaMachine): Resources {
  const { fabric, margin, shell } = device;
  return {
    lut: fabric.lut * margin.lut - (shell?.lut ?? 0),
    ff: fabric.ff * margin.ff - (shell?.ff ?? 0),
    dsp: fabric.dsp * margin.dsp - (shell?.dsp ?? 0),
    bram36: fabric.bram36 * margin.bram - (shell?.bram36 ?? 0),
    uram: fabric.uram * margin.bram,
  };
}

export const fits = (used: Resources, limit: Resources): boolean =>
  (Object.keys(none) as (keyof Resources)[]).every((k) => used[k] <= limit[k]);

/** The largest share of any resource. */
export const pressure = (used: Resources, limit: Resources): number =>
  Math.max(
    ...(Object.keys(none) as (keyof Resources)[]).map((k) =>
      used[k] === 0 ? 0 : limit[k] > 0 ? used[k] / limit[k] : Infinity,
    ),
  );
