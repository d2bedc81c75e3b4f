import { existsSync } from 'node:fs';
import type { EstimateDocument, Run } from '../../../compiler/run/schema.ts';
import { validators } from '../../../compiler/run/validators.gen.ts';
import { fail } from '../../base/diagnostics.ts';
import { readJson } from '../../base/json.ts';
import { readBytes, sha256 } from '../../files/read.ts';
import { netloom, openMachine, openModel } from './load.ts';
import type { Session } from './session.ts';

/** Saved runs are larger than option files: every layer of every run is in them. */
const limits = { bytes: 512 * 2 ** 20, depth: 64, items: 2_000_000 };

/** Runs of a saved document. @throws NetloomError NL6101 */
export function readRuns(session: Session, path: string): Run[] {
  const bytes = readBytes(path);
  session.inputs.push({ path, sha256: sha256(bytes) });
  const document = readJson(bytes, path, limits);
  const plain: unknown = JSON.parse(JSON.stringify(document.value));
  const validate = validators.run!;
  if (!validate(plain)) {
    const { instancePath = '', message = 'it does not fit the schema' } = validate.errors?.[0] ?? {};
    fail('NL6101', {
      message: `"${path}" is no saved run`,
      at: document.locate(instancePath),
      cause: `${instancePath || 'the document'}: ${message}`,
      fix: 'netloom estimate <model> --on <machine> --save run.json writes one',
    });
  }
  const { data } = plain as EstimateDocument;
  if (!data || data.runs.length === 0)
    fail('NL6101', {
      message: `"${path}" holds no runs`,
      at: { file: path },
      cause: 'it was saved by a command that failed',
      fix: 'run the estimate again',
    });
  return [...data.runs];
}

/** A saved run, or an inline spec `model.onnx@tpu-v1:int8` that is priced now. */
export function runsOf(session: Session, spec: string): Run[] {
  if (existsSync(spec)) return readRuns(session, spec);
  const at = spec.lastIndexOf('@');
  if (at < 1) return readRuns(session, spec);
  const [machine, precision] = spec.slice(at + 1).split(':') as [string, string | undefined];
  const hardware = openMachine(session, machine);
  const model = openModel(session, spec.slice(0, at));
  const { batch, trips } = session.settings;
  return [
    netloom.estimate(netloom.lower(model, { precision: precision ?? session.settings.precision }), hardware, {
      ...(batch === undefined ? {} : { batch }),
      trips,
    }),
  ];
}
