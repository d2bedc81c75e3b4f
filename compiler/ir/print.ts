import { forLoom } from '../../src/base/text.ts';
import { elementsText, hashOf, inlineLimit, numberText } from './literal.ts';
import {
  absent,
  isConst,
  type AttrValue,
  type Attrs,
  type Graph,
  type Op,
  type Origin,
  type Removed,
  type TensorType,
  type ValueId,
} from './types.ts';

/** Names that need no quotes. */
const plain = /^[A-Za-z0-9_./~-][A-Za-z0-9_./~#-]*$/;

export const nameText = (name: string): string => (plain.test(name) ? name : forLoom(name));
export const valueText = (id: ValueId): string => (id === absent ? '_' : `%${nameText(id)}`);

/** `f32[2,3]`; sizes that rest on an assumption about data, and shapes that only a run knows, are marked. */
export function typeText(type: TensorType): string {
  const shape = type.unknown ? ' unknown' : `[${type.shape.join(',')}]`;
  return `${type.format.name}${shape}${type.assumed ? ' assumed' : ''}`;
}

export function attrText(value: AttrValue): string {
  if (typeof value === 'string') return forLoom(value);
  if (typeof value === 'number') return numberText(value);
  if (typeof value === 'boolean') return String(value);
  return `[${value.map((x: number | string) => (typeof x === 'string' ? forLoom(x) : numberText(x))).join(', ')}]`;
}

const attrsText = (attrs: Attrs): string => {
  const entries = Object.entries(attrs);
  return entries.length === 0
    ? ''
    : ` {${entries.map(([name, value]) => `${nameText(name)}=${attrText(value)}`).join(', ')}}`;
};

/** `/conv1 (Conv)`; the operator is left out where it is not known. */
export const originText = ({ node, op }: Origin): string =>
  op === '' ? nameText(node) : `${nameText(node)} (${nameText(op)})`;

/**
 * The text form of a graph (.loom): one op a line, bodies nested, large constants by their hash. `parseGraph` reads it
 * back to the same graph, but for the elements of constants that only their hash stands for.
 */
export function printGraph(graph: Graph): string {
  const lines: string[] = [];
  printInto(lines, graph, '');
  return `${lines.join('\n')}\n`;
}

function printInto(lines: string[], graph: Graph, indent: string): void {
  const typed = (id: ValueId): string => (id === absent ? '_' : `${valueText(id)}: ${typeText(graph.types.get(id)!)}`);
  lines.push(`${indent}graph ${nameText(graph.name)}(${graph.inputs.map(typed).join(', ')}) {`);
  const inner = `${indent}  `;
  for (const op of graph.ops) {
    const results = op.outputs.length === 0 ? '()' : op.outputs.map(typed).join(', ');
    const from = op.origins.length === 0 ? '' : ` from ${op.origins.map(originText).join(', ')}`;
    const what = isConst(op)
      ? constText(graph, op)
      : `${nameText(op.kind)}(${op.inputs.map(valueText).join(', ')})${attrsText(op.attrs)}`;
    lines.push(`${inner}${results} = ${what}${from}${op.bodies?.length ? ' {' : ''}`);
    if (!op.bodies?.length) continue;
    for (const body of op.bodies) printInto(lines, body, `${inner}  `);
    lines.push(`${inner}}`);
  }
  for (const { origins, by } of removedGroups(graph.removed))
    lines.push(`${inner}removed ${origins.map(originText).join(', ')} by ${nameText(by)}`);
  lines.push(
    `${inner}return${graph.outputs.length > 0 ? ' ' : ''}${graph.outputs.map(valueText).join(', ')}`,
    `${indent}}`,
  );
}

/** `const [3, -1]`, or `const sha256:0123456789abcdef` for a large one and one whose elements are not at hand. */
function constText(graph: Graph, op: Op): string {
  const value = graph.consts.get(op.outputs[0]!);
  const { sha256, ...attrs } = op.attrs;
  const elements =
    value && value.data.length <= inlineLimit
      ? `[${elementsText(value)}]`
      : `sha256:${value ? hashOf(value) : String(sha256)}`;
  return `const ${elements}${attrsText(attrs)}`;
}

function removedGroups(removed: readonly Removed[]): { origins: Origin[]; by: string }[] {
  const groups: { origins: Origin[]; by: string }[] = [];
  for (const { origin, by } of removed) {
    const last = groups.at(-1);
    if (last?.by === by) last.origins.push(origin);
    else groups.push({ origins: [origin], by });
  }
  return groups;
}
