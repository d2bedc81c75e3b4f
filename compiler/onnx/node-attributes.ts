import { fail, invariant, type Location } from '../../src/base/diagnostics.ts';
import { closest } from '../../src/base/suggest.ts';
import type { AttrValue, Attrs } from '../ir/types.ts';
import type { OnnxForm, OpDef } from '../ops/define.ts';
import type { AttributeReader } from './attributes.ts';

const camelCase = (name: string): string => name.replace(/_([a-z0-9])/g, (_, c: string) => c.toUpperCase());
const snakeCase = (name: string): string => name.replace(/[A-Z]/g, (c) => `_${c.toLowerCase()}`);

/** @throws NetloomError NL1010 */
export function checkAttributeNames(
  attributes: AttributeReader,
  def: OpDef,
  form: OnnxForm,
  type: string,
  at: Location,
): void {
  const plain = form.read ? [] : Object.keys(def.attrs);
  const known = new Set([...(form.attrs ?? []), ...plain.flatMap((name) => [name, snakeCase(name)])]);
  for (const name of attributes.names) {
    if (known.has(name) || form.bodies?.includes(name)) continue;
    const near = closest(name, known);
    fail('NL1010', {
      message: `${type} has no attribute "${name}"`,
      at,
      cause: 'an attribute that is not understood could change the result without your knowing, so it is refused',
      fix: near ? `did you mean "${near}"?` : `allowed: ${[...known].join(', ') || 'none'}`,
    });
  }
}

export function plainAttrs(def: OpDef, attributes: AttributeReader, at: Location): Attrs {
  const attrs: Record<string, AttrValue> = {};
  for (const onnxName of attributes.names) {
    const spec = def.attrs[onnxName] ? onnxName : camelCase(onnxName);
    const kind = def.attrs[spec]?.kind;
    const value = kind && attributes.read(onnxName, kind);
    if (value !== undefined) attrs[spec] = value;
  }
  invariant(at.node, 'nodes have names');
  return attrs;
}

/** @throws NetloomError NL1009 for a missing attribute, or a word that is none of its choices */
export function checkAttrs(def: OpDef, attrs: Attrs, at: Location): void {
  for (const [name, spec] of Object.entries(def.attrs)) {
    const value = attrs[name];
    if (value === undefined && spec.default === undefined && !spec.optional) {
      fail('NL1009', {
        message: `attribute "${snakeCase(name)}" is missing`,
        at,
        cause: 'the operator has no default for it',
        fix: 'correct the node in the model, or export it again',
      });
    }
    if (spec.choices && typeof value === 'string' && !spec.choices.includes(value)) {
      const near = closest(value, spec.choices);
      fail('NL1009', {
        message: `attribute "${snakeCase(name)}" is "${value}"`,
        at,
        cause: `it can be ${spec.choices.map((c) => `"${c}"`).join(', ')}`,
        fix: near ? `did you mean "${near}"?` : 'correct the node in the model',
      });
    }
  }
}
