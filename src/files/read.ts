import { createHash } from 'node:crypto';
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { fail, type Location } from '../base/diagnostics.ts';
import { show } from '../base/units.ts';

/** ROBUSTNESS.md section 2: a protobuf message cannot be larger than this. */
export const modelLimit = 2 ** 31;

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no file has this name',
  EACCES: 'you may not read it',
  EPERM: 'you may not read it',
  EISDIR: 'it is a folder',
  EMFILE: 'too many files are open',
  ENFILE: 'too many files are open',
  ELOOP: 'it is a link, or a ring of links',
  ENOTDIR: 'a part of the path is no folder',
  EEXIST: 'something else has this name',
  ENAMETOOLONG: 'the name is too long',
};

export const reasonOf = (e: unknown): string => {
  const code = (e as { code?: string }).code ?? '';
  return reasons[code] ?? `the system says ${code || 'no'}`;
};

/** Ends with a clean error for whatever the system said about reading `path`. */
export const cannotRead = (path: string, e: unknown, at: Location = {}): never =>
  fail('NL6001', {
    message: `"${path}" cannot be read`,
    at: { file: path, ...at },
    cause: reasonOf(e),
    fix: 'check the path',
  });

/**
 * The bytes of a regular file, or of standard input for `-`.
 * @throws NetloomError NL6001, NL6004 (over `limit`)
 */
export function readBytes(path: string, limit = modelLimit): Uint8Array {
  let handle: number;
  try {
    handle = path === '-' ? 0 : openSync(path, constants.O_RDONLY);
  } catch (e) {
    return cannotRead(path, e);
  }
  try {
    const stat = fstatSync(handle);
    if (stat.isDirectory()) return cannotRead(path, { code: 'EISDIR' });
    return stat.isFile() ? readWhole(handle, path, stat.size, limit) : readPipe(handle, path, limit);
  } catch (e) {
    if ((e as { code?: string }).code?.startsWith('E')) return cannotRead(path, e);
    throw e;
  } finally {
    if (handle !== 0) closeSync(handle);
  }
}

const tooLarge = (path: string, size: number, limit: number): never =>
  fail('NL6004', {
    message: `"${path}" is larger than ${show.bytes(limit)}`,
    at: { file: path },
    cause: `it has ${size} bytes or more`,
    fix:
      limit < modelLimit
        ? 'shorten it: files of this kind are a few KB'
        : 'keep the weights of the model in external data files',
  });

function readWhole(handle: number, path: string, size: number, limit: number): Uint8Array {
  if (size > limit) tooLarge(path, size, limit);
  const bytes = new Uint8Array(size);
  let filled = 0;
  while (filled < size) {
    const n = readSync(handle, bytes, filled, Math.min(size - filled, 2 ** 30), null);
    if (n === 0) return bytes.subarray(0, filled); // the file shrank while it was read
    filled += n;
  }
  return bytes;
}

function readPipe(handle: number, path: string, limit: number): Uint8Array {
  const parts: Uint8Array[] = [];
  let total = 0;
  for (;;) {
    const part = new Uint8Array(2 ** 20);
    let n: number;
    try {
      n = readSync(handle, part, 0, part.length, null);
    } catch (e) {
      if ((e as { code?: string }).code === 'EAGAIN') {
        Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 10); // nothing is there yet: look again in 10 ms
        continue;
      }
      if ((e as { code?: string }).code === 'EOF') break;
      throw e;
    }
    if (n === 0) break;
    total += n;
    if (total > limit) tooLarge(path, total, limit);
    parts.push(part.subarray(0, n));
  }
  const bytes = new Uint8Array(total);
  let at = 0;
  for (const part of parts) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}

export const sha256 = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
