import { wasm } from '../wasm/float.gen.ts';

/** The exports of compiler/simulate/wasm/float.as.ts; addresses and distances in bytes. */
export interface FloatCode {
  readonly memory: { readonly buffer: ArrayBuffer; grow(pages: number): number };
  heapBase(): number;
  startRows(sums: number, pitch: number, rows: number, panels: number, bias: number): void;
  finishRows(sums: number, sumPitch: number, rows: number, panels: number, c: number, pitch: number): void;
  addTile(
    a: number,
    rows: number,
    depth: number,
    x: number,
    offsets: number,
    bases: number,
    panels: number,
    tile: number,
    sums: number,
    pitch: number,
  ): void;
  directRows(
    weights: number,
    depth: number,
    bias: number,
    x: number,
    offsets: number,
    rowBases: number,
    rows: number,
    width: number,
    step: number,
    c: number,
  ): void;
}

/** What is used of the engine's WebAssembly: its types are part of no library that this code is compiled against. */
interface Engine {
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: unknown };
  readonly CompileError: new () => Error;
}

/** Elements a kernel may touch past the end of an area. */
const slack = 64;
const pageBytes = 65536;

/** Elements that all areas of one computation may take together: 240 MB. What needs more is left to the reference. */
export const mostElements = 60e6;

/** Areas of the kernels' memory for one computation: byte addresses, and views with which to fill and read them. */
export interface Workspace<Name extends string> {
  readonly code: FloatCode;
  readonly address: Readonly<Record<Name, number>>;
  readonly floats: Readonly<Record<Name, Float32Array>>;
  /** The same elements as integers (tables of distances). */
  readonly wholes: Readonly<Record<Name, Int32Array>>;
  /** Half as many doubles in the same place. */
  readonly doubles: Readonly<Record<Name, Float64Array>>;
}

let loaded: FloatCode | null | undefined;

/** The kernels, loaded at first use; null where the engine has no WebAssembly or no 128-bit vectors. */
function load(): FloatCode | null {
  if (loaded !== undefined) return loaded;
  const engine = (globalThis as { WebAssembly?: Engine }).WebAssembly;
  if (!engine) return (loaded = null);
  try {
    const bytes = Uint8Array.from(atob(wasm), (c) => c.charCodeAt(0));
    loaded = new engine.Instance(new engine.Module(bytes)).exports as FloatCode;
  } catch (e) {
    if (!(e instanceof engine.CompileError)) throw e;
    loaded = null;
  }
  return loaded;
}

/**
 * Room for areas of the given numbers of 4-byte elements, with what earlier computations left in them. Only the newest
 * workspace may be used. Undefined when the engine cannot run the kernels, has no memory left, or too much is asked for.
 */
export function workspace<Name extends string>(sizes: Readonly<Record<Name, number>>): Workspace<Name> | undefined {
  const code = load();
  const names = Object.keys(sizes) as Name[];
  const total = names.reduce((sum, name) => sum + sizes[name] + slack, 0);
  if (!code || total > mostElements) return undefined;
  const start = Math.ceil(code.heapBase() / 16) * 16;
  const missing = start + total * 4 + names.length * 16 - code.memory.buffer.byteLength;
  if (missing > 0 && !grew(code, Math.ceil(missing / pageBytes))) return undefined;
  const [address, floats, wholes, doubles] = [
    {} as Record<Name, number>,
    {} as Record<Name, Float32Array>,
    {} as Record<Name, Int32Array>,
    {} as Record<Name, Float64Array>,
  ];
  let at = start;
  for (const name of names) {
    address[name] = at;
    floats[name] = new Float32Array(code.memory.buffer, at, sizes[name]);
    wholes[name] = new Int32Array(code.memory.buffer, at, sizes[name]);
    doubles[name] = new Float64Array(code.memory.buffer, at, Math.floor(sizes[name] / 2));
    at = Math.ceil((at + (sizes[name] + slack) * 4) / 16) * 16;
  }
  return { code, address, floats, wholes, doubles };
}

function grew(code: FloatCode, pages: number): boolean {
  try {
    code.memory.grow(pages);
    return true;
  } catch (e) {
    if (e instanceof RangeError) return false;
    throw e;
  }
}
