import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { readMachine } from '../../../hw-models/schema/read.ts';
import type { Hardware } from '../../../compiler/run/estimate.ts';
import { externalReader } from '../../files/external-data.ts';
import { readBytes, sha256 } from '../../files/read.ts';
import { createNetloom, presetNames, presetText, withHost, type Model, type Netloom } from '../../netloom.ts';
import type { Session } from './session.ts';

export const netloom: Netloom = createNetloom();

/** Reads a model named on the command line under the shape settings, and notes it in the session. */
export function openModel(session: Session, path: string, values?: Parameters<Netloom['loadModel']>[1]): Model {
  const bytes = readBytes(path);
  const hash = sha256(bytes);
  session.inputs.push({ path, sha256: hash });
  const { batch, shape, dim } = session.settings;
  const model = netloom.loadModel(bytes, {
    file: path,
    name: path === '-' ? 'stdin' : basename(path),
    sha256: hash,
    shapes: shape,
    dims: dim,
    ...(batch === undefined ? {} : { batch }),
    ...(path === '-' ? {} : { readExternal: externalReader(path) }),
    ...values,
  });
  session.note(model.diagnostics);
  return model;
}

const looksLikeFile = (name: string): boolean => name.endsWith('.json') || name.includes('/') || name.includes('\\');

/** Machines named on the command line: presets, files, or all presets. */
export function openMachines(session: Session, names: readonly string[]): Hardware[] {
  return names.flatMap((name) =>
    name === 'all' ? presetNames.map((n) => openMachine(session, n)) : [openMachine(session, name)],
  );
}

export function openMachine(session: Session, name: string): Hardware {
  if (!presetNames.includes(name) && (looksLikeFile(name) || existsSync(name))) {
    const bytes = readBytes(name, 2 ** 20);
    const hash = sha256(bytes);
    session.inputs.push({ path: name, sha256: hash });
    return withHost(readMachine(bytes, name), hash);
  }
  return netloom.loadHardware(name, { sha256: sha256(new TextEncoder().encode(presetText(name))) });
}
