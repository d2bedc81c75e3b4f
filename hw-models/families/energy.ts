import { memories, operations } from '../technology.gen.ts';
import type { Memory } from '../schema/common.ts';
import type { Machine } from '../schema/machine.ts';
import type { OpKind } from '../work/types.ts';

/**
 * Energies from the technology tables. Between 45 nm and 7 nm a figure is interpolated on logarithmic axes from the two
 * published tables; above 45 nm it follows Stillmaker and Baas (Integration, 2017): 1.65 at 65 nm against 45 nm.
 * The polynomials of that paper promise far lower energies below 45 nm than the 7 nm products show (0.047 against 0.38),
 * which is why the product table is used there (docs/decisions/energy-scaling.md).
 */
interface TwoNodes {
  readonly 45: number;
  readonly 7: number;
}

/** Exponent of node size above 45 nm: ln(1.6515) / ln(65 / 45). */
const coarseExponent = Math.log(1.6515) / Math.log(65 / 45);

/** A figure in pJ at a node (in nm). */
export function atNode(figure: TwoNodes, node: number): number {
  if (node >= 45) return figure[45] * (node / 45) ** coarseExponent;
  const slope = Math.log(figure[45] / figure[7]) / Math.log(45 / 7);
  return figure[45] * (node / 45) ** slope;
}

const pico = 1e-12;

/** Dynamic energy follows the square of the supply; the tables are at the nominal voltage of their node. */
function voltageFactor(machine: Pick<Machine, 'technology'>): number {
  const { node, voltage } = machine.technology;
  if (voltage === undefined) return 1;
  const nominal = node >= 130 ? 1.2 : node >= 65 ? 1.1 : node >= 32 ? 0.95 : node >= 14 ? 0.8 : 0.75;
  return (voltage / nominal) ** 2;
}

const bitsOf: Readonly<Record<string, number>> = {
  bipolar: 1,
  ternary: 2,
  i2: 2,
  i4: 4,
  i8: 8,
  i16: 16,
  i32: 32,
  f4e2m1: 4,
  f8e4m3fn: 8,
  f16: 16,
  bf16: 16,
  tf32: 19,
  f32: 32,
  f64: 64,
};
export const formatBits = (format: string): number => bitsOf[format] ?? 32;

/** Energy of an integer multiplication grows as the power of the bits that joins the 8-bit and 32-bit figures (about 2). */
function integer(table: { readonly i8: TwoNodes; readonly i32: TwoNodes }, bits: number, node: number): number {
  const [low, high] = [atNode(table.i8, node), atNode(table.i32, node)];
  return low * (bits / 8) ** (Math.log(high / low) / Math.log(4));
}

function multiply(format: string, node: number): number {
  const m = operations.multiply;
  if (format === 'f64') return 4 * atNode(m.f32, node);
  if (format === 'f32') return atNode(m.f32, node);
  if (format === 'tf32' || format === 'f16') return atNode(m.f16, node);
  if (format === 'bf16') return atNode(m.bf16, node);
  if (format.startsWith('f8')) return atNode(m.bf16, node) / 2; // mantissa of 4 bits against 8: the multiplier array is a quarter, exponent logic stays
  if (format.startsWith('f4')) return atNode(m.bf16, node) / 4;
  return integer(m, formatBits(format), node);
}

function add(format: string, node: number): number {
  const a = operations.add;
  if (format === 'f64') return 2 * atNode(a.f32, node);
  if (format === 'f32' || format === 'tf32') return atNode(a.f32, node);
  if (format.startsWith('f')) return atNode(a.f16, node);
  if (format === 'bf16') return atNode(a.bf16, node);
  return integer(a, formatBits(format), node);
}

/** Joules of one MAC: product of two `format` numbers, added to a 32-bit sum. */
export function macEnergy(machine: Machine, format: string): number {
  const given = machine.energy?.macs?.[format];
  if (given !== undefined) return given;
  const { node } = machine.technology;
  const scale = pico * voltageFactor(machine);
  if (format === 'bipolar') return atNode(operations.xnor, node) * scale;
  if (format === 'ternary') return (2 * atNode(operations.xnor, node) + add('i8', node)) * scale;
  const isFloat = format.startsWith('f') || format === 'bf16' || format === 'tf32';
  return (multiply(format, node) + add(isFloat ? (format === 'f64' ? 'f64' : 'f32') : 'i32', node)) * scale;
}

/** Joules of one scalar operation that is not part of a sum of products. */
export function scalarEnergy(machine: Machine, kind: OpKind, format: string): number {
  const { node } = machine.technology;
  const scale = pico * voltageFactor(machine);
  switch (kind) {
    case 'mac':
      return macEnergy(machine, format);
    case 'xnor':
      return macEnergy(machine, 'bipolar');
    case 'mul':
      return multiply(format, node) * scale;
    case 'exp':
    case 'div':
      return (
        (operations.special.multiplies * multiply(format, node) + operations.special.adds * add(format, node)) * scale
      );
    case 'move':
      return 0;
    default:
      return add(format, node) * scale;
  }
}

function sramPerByte(bytes: number, node: number): number {
  const { points, largestBank } = memories.sram;
  const size = Math.min(Math.max(bytes, 1024), largestBank.bytes);
  const k = points.findIndex((p) => size <= p.bytes);
  const [low, high] = k <= 0 ? [points[0], points[1]] : [points[k - 1]!, points[k]!];
  const t = Math.log(size / low.bytes) / Math.log(high.bytes / low.bytes);
  return (atNode(low, node) * (atNode(high, node) / atNode(low, node)) ** t) / 8;
}

/** Joules of reading or writing one byte of a memory. */
export function byteEnergy(machine: Machine, memory: Memory): number {
  if (memory.energy !== undefined) return memory.energy;
  const { node } = machine.technology;
  switch (memory.kind) {
    case 'dram':
      return memories.dram.values[memory.type ?? 'ddr4'].value * 8 * pico;
    case 'flash':
      return memories.flash.value * 8 * pico;
    case 'registers':
      return (atNode(memories.registers, node) / 4) * pico * voltageFactor(machine);
    default:
      return sramPerByte(memory.size, node) * pico * voltageFactor(machine);
  }
}
