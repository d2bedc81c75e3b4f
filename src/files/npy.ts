import { formatNamed } from '../../compiler/formats/index.ts';
import { readTensor, type ReadExternal } from '../../compiler/onnx/tensors.ts';
import { numbers, sizeOf, tensor, type Tensor } from '../../compiler/tensor/tensor.ts';
import { fail } from '../base/diagnostics.ts';

/** NumPy's type strings for the formats that have one (numpy.lib.format, version 1.0). */
const descriptors: Readonly<Record<string, string>> = {
  f64: '<f8',
  f32: '<f4',
  i64: '<i8',
  i32: '<i4',
  i16: '<i2',
  i8: '|i1',
  u64: '<u8',
  u32: '<u4',
  u16: '<u2',
  u8: '|u1',
  bool: '|b1',
};
const formatsOf = new Map([
  ...Object.entries(descriptors).map(([format, descriptor]): [string, string] => [descriptor, format]),
  ['<f2', 'f16'],
]);

/** An npy file. Formats that NumPy does not know are written as 32-bit floats. */
export function writeNpy(t: Tensor): Uint8Array {
  const descriptor = descriptors[t.format.name] ?? '<f4';
  const data = descriptors[t.format.name]
    ? (t.data as { buffer: ArrayBufferLike; byteOffset: number; byteLength: number })
    : Float32Array.from(numbers(t));
  const shape = t.shape.length === 1 ? `(${t.shape[0]},)` : `(${t.shape.join(', ')})`;
  const head = `{'descr': '${descriptor}', 'fortran_order': False, 'shape': ${shape}, }`;
  const padding = 64 - ((10 + head.length + 1) % 64);
  const header = `${head}${' '.repeat(padding % 64)}\n`;
  const bytes = new Uint8Array(10 + header.length + data.byteLength);
  bytes.set([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0, header.length & 0xff, header.length >> 8]);
  bytes.set(new TextEncoder().encode(header), 10);
  bytes.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength), 10 + header.length);
  return bytes;
}

const noFiles: ReadExternal = (_, at) =>
  fail('NL1012', {
    message: 'an npy file has no files beside it',
    at,
    cause: 'its data is its own',
    fix: 'save it with numpy.save',
  });

/** Reads an npy file. @throws NetloomError NL6104 */
export function readNpy(bytes: Uint8Array, file: string): Tensor {
  const wrong = (cause: string): never =>
    fail('NL6104', {
      message: `"${file}" is no npy file that netloom reads`,
      at: { file },
      cause,
      fix: 'save it with numpy.save, in C order',
    });
  if (bytes.length < 12 || bytes[0] !== 0x93 || new TextDecoder().decode(bytes.subarray(1, 6)) !== 'NUMPY')
    return wrong('it does not begin as one');
  const long = bytes[6]! >= 2;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = long ? view.getUint32(8, true) : view.getUint16(8, true);
  const start = (long ? 12 : 10) + length;
  if (start > bytes.length) return wrong('its header is cut off');
  const header = new TextDecoder('latin1').decode(bytes.subarray(long ? 12 : 10, start));
  const descriptor = /'descr':\s*'([^']{1,8})'/.exec(header)?.[1] ?? '';
  const format = formatNamed(formatsOf.get(descriptor) ?? '');
  if (!format) return wrong(`its element type is ${descriptor || 'not given'}`);
  if (/'fortran_order':\s*True/.test(header)) return wrong('it is in Fortran order');
  const dims = /'shape':\s*\(([0-9, ]*)\)/.exec(header)?.[1];
  if (dims === undefined) return wrong('it names no shape');
  const shape = dims
    .split(',')
    .map((d) => d.trim())
    .filter(Boolean)
    .map(Number);
  const n = sizeOf(shape);
  const size = n * Math.max(1, format.bits / 8);
  if (!Number.isSafeInteger(n) || bytes.length - start !== size)
    return wrong(`shape (${dims}) needs ${size} bytes; it has ${bytes.length - start}`);
  // Half floats have no array of their own: they are read as the same bytes in a model would be.
  if (format.name === 'f16')
    return readTensor({ dataType: format.onnx!, dims: [...shape], rawData: bytes.subarray(start) }, { file }, noFiles);
  const raw = bytes.slice(start).buffer;
  const arrays = {
    f64: Float64Array,
    f32: Float32Array,
    i64: BigInt64Array,
    u64: BigUint64Array,
    i32: Int32Array,
    u32: Uint32Array,
    i16: Int16Array,
    u16: Uint16Array,
    i8: Int8Array,
    u8: Uint8Array,
  } as const;
  const data = new arrays[format.storage as keyof typeof arrays](raw);
  return tensor(format, shape, data);
}
