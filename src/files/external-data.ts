import { closeSync, constants, fstatSync, lstatSync, openSync, readSync, realpathSync } from 'node:fs';
import { dirname, isAbsolute, join, normalize, relative, resolve, sep } from 'node:path';
import type { ExternalReference, ReadExternal } from '../../compiler/onnx/tensors.ts';
import { fail, isOutOfMemory, type Location } from '../base/diagnostics.ts';
import { reasonOf } from './read.ts';

/**
 * The one function that opens files named by a model (ROBUSTNESS.md section 3): the location must be relative, stay in the
 * model's folder after links are resolved (whole path parts are compared), and be a regular file, which is opened
 * without following a last link and checked again on the open handle. Offset and length must lie in its real size.
 * @throws NetloomError NL1011 (not allowed) or NL1012 (not there, or too short)
 */
export function externalReader(modelPath: string): ReadExternal {
  const folder = dirname(resolve(modelPath));
  let root: string | undefined;
  return (reference, at) => {
    root ??= realpathSync(folder);
    const path = safePath(root, reference.location, at);
    return readRange(path, root, reference, at);
  };
}

const refuse = (location: string, at: Location, cause: string): never =>
  fail('NL1011', {
    message: `external data in "${location}" is refused`,
    at,
    cause,
    fix: "keep the data in the model's own folder, under a relative name",
  });

function safePath(root: string, location: string, at: Location): string {
  if (location === '' || location.includes('\0')) return refuse(location, at, 'it is no file name');
  if (isAbsolute(location) || /^[A-Za-z]:/.test(location) || location.startsWith('\\'))
    return refuse(location, at, 'the path is absolute');
  const parts = normalize(location.replace(/\\/g, '/')).split('/');
  if (parts.includes('..')) return refuse(location, at, "the path leaves the model's folder");
  return join(root, ...parts);
}

/** True when `path` lies below `root`, by whole parts. */
const isInside = (root: string, path: string): boolean => {
  const way = relative(root, path);
  return way !== '' && way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
};

function allocated(size: number): Uint8Array | undefined {
  try {
    return new Uint8Array(size);
  } catch (e) {
    if (isOutOfMemory(e)) return undefined;
    throw e;
  }
}

function readRange(path: string, root: string, reference: ExternalReference, at: Location): Uint8Array {
  const { location, offset, length } = reference;
  const missing = (cause: string): never =>
    fail('NL1012', {
      message: `external data in "${location}" cannot be read`,
      at,
      cause,
      fix: 'put the file beside the model, whole',
    });
  let handle: number;
  try {
    // Links inside the folder are refused by O_NOFOLLOW at the end of the path, and by the check of the real path before it.
    if (!isInside(root, realpathSync(path))) return refuse(location, at, "a link leads out of the model's folder");
    if (lstatSync(path).isSymbolicLink()) return refuse(location, at, 'it is a link');
    handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (e) {
    if ((e as { code?: string }).code === 'ELOOP') return refuse(location, at, 'it is a link');
    if ((e as { code?: string }).code) return missing(reasonOf(e));
    throw e;
  }
  try {
    const stat = fstatSync(handle);
    if (!stat.isFile()) return refuse(location, at, 'it is not a regular file');
    const size = length ?? stat.size - offset;
    if (offset > stat.size || size < 0 || offset + size > stat.size)
      return missing(`bytes ${offset} to ${offset + Math.max(size, 0)} are asked for; the file has ${stat.size}`);
    const bytes = allocated(size) ?? missing(`${size} bytes are more than the memory can hold`);
    let filled = 0;
    while (filled < size) {
      const n = readSync(handle, bytes, filled, Math.min(size - filled, 2 ** 30), offset + filled);
      if (n === 0) return missing(`the file ended after ${offset + filled} bytes`);
      filled += n;
    }
    return bytes;
  } finally {
    closeSync(handle);
  }
}
