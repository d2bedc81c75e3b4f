import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { atNode, byteEnergy, formatBits, macEnergy, scalarEnergy } from '../../hw-models/families/energy.ts';
import type { Machine } from '../../hw-models/schema/machine.ts';
import { presets } from '../networks.ts';

/** A machine that states no energies of its own. */
const at = (node: number, voltage?: number): Machine => {
  const { energy: _, ...machine } = presets.get('nvdla-large')!;
  return { ...machine, technology: { node, ...(voltage === undefined ? {} : { voltage }) } };
};
const pico = 1e-12;

describe('arithmetic', () => {
  test('is the published tables at their own nodes', () => {
    // Horowitz, ISSCC 2014: 0.2 + 0.1 pJ for an 8-bit product and a 32-bit addition, 3.7 + 0.9 pJ in 32-bit floats.
    expect(macEnergy(at(45), 'i8')).toBeCloseTo(0.3 * pico, 18);
    expect(macEnergy(at(45), 'f32')).toBeCloseTo(4.6 * pico, 18);
    expect(macEnergy(at(45), 'f16')).toBeCloseTo((1.1 + 0.9) * pico, 18);
    // Jouppi et al., ISCA 2021: 0.07 + 0.03, 1.31 + 0.38 and 0.21 + 0.38 pJ at 7 nm.
    expect(macEnergy(at(7), 'i8')).toBeCloseTo(0.1 * pico, 18);
    expect(macEnergy(at(7), 'f32')).toBeCloseTo(1.69 * pico, 18);
    expect(macEnergy(at(7), 'bf16')).toBeCloseTo(0.59 * pico, 18);
  });

  test('between 45 and 7 nm lies between them, above 45 nm follows Stillmaker and Baas', () => {
    expect(atNode({ 45: 4, 7: 1 }, Math.sqrt(45 * 7))).toBeCloseTo(2, 12); // halfway on logarithmic axes
    expect(atNode({ 45: 1, 7: 0.4 }, 65)).toBeCloseTo(1.6515, 10);
    fc.assert(
      fc.property(
        fc.double({ min: 3, max: 180, noNaN: true }),
        fc.double({ min: 1.01, max: 2, noNaN: true }),
        (node, by) => {
          expect(atNode({ 45: 3, 7: 1 }, node * by)).toBeGreaterThan(atNode({ 45: 3, 7: 1 }, node));
        },
      ),
      { seed: 1 },
    );
  });

  test('grows with the bits: about with their square in products', () => {
    const order = ['bipolar', 'ternary', 'i4', 'i8', 'i16', 'i32'];
    for (const node of [65, 45, 28, 16, 7]) {
      const energies = order.map((f) => macEnergy(at(node), f));
      for (let i = 1; i < order.length; i++)
        expect(energies[i]!, `${order[i]} at ${node} nm`).toBeGreaterThan(energies[i - 1]!);
      for (const [narrow, wide] of [
        ['f8e4m3fn', 'f16'],
        ['f16', 'f32'],
        ['bf16', 'f32'],
        ['f32', 'f64'],
      ] as const)
        expect(macEnergy(at(node), narrow)).toBeLessThan(macEnergy(at(node), wide));
    }
    // The power between the published 8 and 32 bits, 0.2 and 3.1 pJ: log4(15.5) = 1.977; 16 bits: 0.2 x 2^1.977 = 0.787 pJ.
    expect(scalarEnergy(at(45), 'mul', 'i16')).toBeCloseTo(0.7874 * pico, 16);
  });

  test('falls with the square of the supply', () => {
    expect(macEnergy(at(28, 0.6), 'i8') / macEnergy(at(28, 1.2), 'i8')).toBeCloseTo(0.25, 12);
    expect(macEnergy(at(65, 1.1), 'i8')).toBeCloseTo(macEnergy(at(65), 'i8'), 20); // nominal
  });

  test('what a machine states goes before the tables', () => {
    const stated = { ...at(28), energy: { macs: { i8: 5e-12 } } } as Machine;
    expect(macEnergy(stated, 'i8')).toBe(5e-12);
    expect(macEnergy(stated, 'i16')).toBe(macEnergy(at(28), 'i16'));
  });

  test('functions cost several products; moving costs what the memories cost', () => {
    const m = at(16);
    expect(scalarEnergy(m, 'exp', 'f32')).toBeGreaterThan(scalarEnergy(m, 'mul', 'f32'));
    expect(scalarEnergy(m, 'div', 'f32')).toBe(scalarEnergy(m, 'exp', 'f32'));
    expect(scalarEnergy(m, 'move', 'f32')).toBe(0);
    expect(scalarEnergy(m, 'xnor', 'bipolar')).toBe(macEnergy(m, 'bipolar'));
  });
});

describe('memories', () => {
  const memory = (kind: Machine['memory'][number]['kind'], size = 1024, more = {}): Machine['memory'][number] => ({
    name: 'm',
    kind,
    size,
    bandwidth: 1e9,
    ...more,
  });

  test('are the published tables at their own sizes', () => {
    // Horowitz: 10, 20 and 100 pJ for 64 bits of 8 KB, 32 KB and 1 MB caches.
    expect(byteEnergy(at(45), memory('sram', 8192))).toBeCloseTo((10 / 8) * pico, 18);
    expect(byteEnergy(at(45), memory('cache', 32768))).toBeCloseTo((20 / 8) * pico, 18);
    expect(byteEnergy(at(45), memory('sram', 2 ** 20))).toBeCloseTo((100 / 8) * pico, 18);
    expect(byteEnergy(at(45), memory('registers'))).toBeCloseTo(0.25 * pico, 18);
  });

  test('grow with their size up to one bank, and with the distance', () => {
    for (const node of [65, 28, 7]) {
      const sizes = [1024, 8192, 65_536, 2 ** 20].map((size) => byteEnergy(at(node), memory('sram', size)));
      for (let i = 1; i < sizes.length; i++) expect(sizes[i]!).toBeGreaterThan(sizes[i - 1]!);
      expect(byteEnergy(at(node), memory('sram', 2 ** 25))).toBe(sizes[3]);
      expect(byteEnergy(at(node), memory('registers'))).toBeLessThan(sizes[0]!);
      for (const type of ['ddr3', 'ddr4', 'ddr5', 'lpddr4', 'lpddr5', 'gddr6', 'hbm2', 'hbm3'])
        expect(byteEnergy(at(node), memory('dram', 2 ** 30, { type }))).toBeGreaterThan(
          byteEnergy(at(node), memory('sram', 65_536)),
        );
    }
  });

  test('stacked DRAM costs less than modules, and a stated figure stands', () => {
    const dram = (type: string): number => byteEnergy(at(7), memory('dram', 2 ** 30, { type }));
    expect(dram('hbm3')).toBeLessThan(dram('lpddr5'));
    expect(dram('lpddr5')).toBeLessThan(dram('ddr4'));
    expect(byteEnergy(at(7), memory('dram', 1, { energy: 7e-12 }))).toBe(7e-12);
  });
});

test('bits of the formats that machines name', () => {
  for (const [format, bits] of Object.entries({
    bipolar: 1,
    ternary: 2,
    i4: 4,
    i8: 8,
    f16: 16,
    bf16: 16,
    tf32: 19,
    f32: 32,
    f64: 64,
  }))
    expect(formatBits(format)).toBe(bits);
});
