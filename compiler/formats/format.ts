import type { NumberFormat } from '../../hw-models/work/types.ts';

/** How elements are held in memory while netloom computes with them. */
export type Storage = 'f32' | 'f64' | 'i8' | 'u8' | 'i16' | 'u16' | 'i32' | 'u32' | 'i64' | 'u64' | 'text';

/**
 * A number format. Narrow floats are held as the 32-bit floats they stand for; integers of at most 32 bits as
 * themselves; 64-bit integers as bigint.
 */
export interface Format extends NumberFormat {
  readonly storage: Storage;
  /** ONNX TensorProto.DataType code, for formats that ONNX can name. */
  readonly onnx?: number;
  /** Least and greatest finite value. */
  readonly min: number;
  readonly max: number;
  /** The nearest value of the format: ties to even for floats; integers are rounded half to even and saturate. */
  readonly round: (x: number) => number;
  /**
   * ONNX Cast from a number: floats round to nearest even (with overflow as the format says), integers
   * truncate toward zero and keep the low bits.
   */
  readonly cast: (x: number, saturate?: boolean) => number;
}

export const isFloat = (f: NumberFormat): boolean => f.kind === 'float';
export const isInt = (f: NumberFormat): boolean => f.kind === 'int';
export const is64 = (f: Pick<Format, 'storage'>): boolean => f.storage === 'i64' || f.storage === 'u64';

/** IEEE 754 rounding of half-way cases: to the even neighbour. */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const rest = x - floor;
  if (rest < 0.5) return floor;
  if (rest > 0.5) return floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
