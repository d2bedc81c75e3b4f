import { InternalError } from '../../src/base/diagnostics.ts';
import type { Op } from '../ir/types.ts';
import type { OnnxForm, OpDef } from './define.ts';

/** A set of ops, by kind and by ONNX operator. There is no global one: each `createNetloom` has its own. */
export class OpRegistry {
  readonly #byKind = new Map<string, OpDef>();
  readonly #byOnnx = new Map<string, { def: OpDef; form: OnnxForm }[]>();

  constructor(defs: Iterable<OpDef>) {
    for (const def of defs) {
      if (this.#byKind.has(def.kind)) throw new InternalError(`op "${def.kind}" is registered twice`);
      this.#byKind.set(def.kind, def);
      for (const form of def.onnx) {
        for (const domain of form.domains ?? ['']) {
          const key = `${domain}:${form.type}`;
          const forms = this.#byOnnx.get(key) ?? [];
          forms.push({ def, form });
          this.#byOnnx.set(key, forms);
        }
      }
    }
  }

  get all(): IterableIterator<OpDef> {
    return this.#byKind.values();
  }

  /** @throws InternalError for a kind that is not registered: graphs only hold ops that were */
  of(op: Pick<Op, 'kind'>): OpDef {
    const def = this.#byKind.get(op.kind);
    if (!def) throw new InternalError(`no op "${op.kind}" is registered`);
    return def;
  }

  find(kind: string): OpDef | undefined {
    return this.#byKind.get(kind);
  }

  /** The op that an ONNX operator of a domain and opset version becomes. */
  forOnnx(domain: string, type: string, version: number): { def: OpDef; form: OnnxForm } | undefined {
    const forms = this.#byOnnx.get(`${domain}:${type}`);
    return forms?.find(({ form }) => version >= (form.since ?? 1) && version <= (form.until ?? Infinity));
  }

  /** Operator names of a domain, for suggestions and tables. */
  onnxTypes(domain: string): string[] {
    const prefix = `${domain}:`;
    return [...this.#byOnnx.keys()].filter((k) => k.startsWith(prefix)).map((k) => k.slice(prefix.length));
  }
}
