import {
  closeSync,
  existsSync,
  fsyncSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { fail } from '../base/diagnostics.ts';
import { reasonOf } from './read.ts';

const writeReasons: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EROFS: 'the folder is read-only',
  ENOENT: 'the folder does not exist',
  EACCES: 'you may not write there',
  EPERM: 'you may not write there',
};

export const writeReasonOf = (e: unknown): string => writeReasons[(e as { code?: string }).code ?? ''] ?? reasonOf(e);

/** True for a link to a terminal, pipe or device, such as /dev/stdout: nothing of the user's can be lost behind it. */
const leadsToDevice = (path: string): boolean => {
  const target = statSync(path, { throwIfNoEntry: false });
  return target !== undefined && !target.isFile() && !target.isDirectory();
};

/**
 * Writes a file whole or not at all (`-`: standard output): to a temporary file in the same folder, flushed, then renamed.
 * @throws NetloomError NL6002, or NL6003 when the file exists and `force` is false
 */
export function writeWhole(path: string, content: string | Uint8Array, { force = true } = {}): void {
  if (!force && existsSync(path))
    fail('NL6003', {
      message: `"${path}" exists already`,
      at: { file: path },
      cause: 'writing would replace it',
      fix: 'choose another name, or add --force',
    });
  if (path === '-') return writeToStdout(content);
  const temporary = join(dirname(path), `.${basename(path).slice(0, 50)}.${process.pid}.tmp`);
  let handle: number | undefined;
  let isMade = false;
  try {
    // A device such as /dev/stdout or /dev/null cannot be renamed over.
    const special = existsSync(path) && !lstatSync(path).isFile();
    if (special && lstatSync(path).isDirectory())
      fail('NL6002', {
        message: `"${path}" cannot be written`,
        at: { file: path },
        cause: 'it is a folder',
        fix: 'name a file',
      });
    if (special && lstatSync(path).isSymbolicLink() && !leadsToDevice(path))
      fail('NL6002', {
        message: `"${path}" cannot be written`,
        at: { file: path },
        cause: 'it is a link, and links are not followed',
        fix: 'name the file itself',
      });
    const target = special ? path : temporary;
    handle = openSync(target, special ? 'w' : 'wx');
    isMade = !special;
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    for (let done = 0; done < bytes.length;) done += writeSync(handle, bytes, done);
    if (!special) fsyncSync(handle);
    closeSync(handle);
    handle = undefined;
    if (!special) renameSync(temporary, path);
  } catch (e) {
    if (handle !== undefined) closeSync(handle);
    if (isMade) rmSync(temporary, { force: true });
    const code = (e as { code?: string }).code;
    if (typeof code !== 'string' || !code.startsWith('E')) throw e;
    fail('NL6002', {
      message: `"${path}" cannot be written`,
      at: { file: path },
      cause: writeReasonOf(e),
      fix: 'choose another place',
    });
  }
}

/** A closed pipe (`| head`) ends quietly, as for the result itself. */
function writeToStdout(content: string | Uint8Array): void {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  try {
    for (let done = 0; done < bytes.length;) done += writeSync(1, bytes, done);
  } catch (e) {
    if ((e as { code?: string }).code !== 'EPIPE') throw e;
  }
}
