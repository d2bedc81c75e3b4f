import { readdirSync } from 'node:fs';
import { basename } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { AttrSpec } from '../../compiler/ops/attrs.ts';
import {
  bareName,
  isOptional,
  isVariadic,
  type Example,
  type OnnxForm,
  type OpDef,
} from '../../compiler/ops/define.ts';
import { standardOutOfScope, vendorOutOfScope, type OutOfScope } from '../../compiler/onnx/out-of-scope.ts';
import type { AttrValue } from '../../compiler/ir/types.ts';
import { code, codes, fence, page, prose, sorted, table } from './markdown.ts';

/** The lists under compiler/ops/lists by theme: the file name. */
export async function opThemes(): Promise<ReadonlyMap<string, readonly OpDef[]>> {
  const folder = 'compiler/ops/lists';
  const themes = new Map<string, readonly OpDef[]>();
  for (const file of readdirSync(folder).sort()) {
    const module = (await import(pathToFileURL(`${folder}/${file}`).href)) as Record<string, unknown>;
    const list = Object.values(module).find((v): v is OpDef[] => Array.isArray(v));
    if (list)
      themes.set(
        basename(file, '.ts'),
        sorted(list, (op) => op.kind),
      );
  }
  return themes;
}

const domainName = (domain: string): string => (domain === '' ? 'ai.onnx' : domain);

const opsets = ({ since = 1, until }: OnnxForm): string =>
  until === undefined ? `${since} and later` : since === until ? `${since}` : `${since} to ${until}`;

export function opPages(themes: ReadonlyMap<string, readonly OpDef[]>): Map<string, string> {
  const pages = new Map([['ops.md', overview(themes)]]);
  for (const [theme, ops] of themes) {
    const title = `Operators: ${theme}`;
    pages.set(`ops/${theme}.md`, page(title, `compiler/ops/lists/${theme}.ts`, ...ops.map(section)));
  }
  return pages;
}

function overview(themes: ReadonlyMap<string, readonly OpDef[]>): string {
  const rows: [domain: string, type: string, opset: string, kind: string][] = [];
  const internal: string[] = [];
  for (const [theme, ops] of themes) {
    for (const op of ops) {
      const link = `[${op.kind}](ops/${theme}.md#${op.kind})`;
      if (op.onnx.length === 0) internal.push(link);
      for (const form of op.onnx) {
        for (const domain of form.domains ?? ['']) rows.push([domainName(domain), form.type, opsets(form), link]);
      }
    }
  }
  const domains = sorted(new Set(rows.map(([domain]) => domain)), (d) => (d === 'ai.onnx' ? '' : d));
  const types = (domain: string): number => new Set(rows.filter((r) => r[0] === domain).map((r) => r[1])).size;
  return page(
    'Operators',
    'the op registry',
    `Every ONNX operator that netloom reads, and the op that it becomes. An operator may become a different op in older opsets; older forms are brought into the newest one. What is left out on purpose is in [out-of-scope.md](out-of-scope.md).`,
    ...domains.map(
      (domain) =>
        `## ${domain} (${types(domain)})\n\n${table(
          ['Operator', 'Opsets', 'Op'],
          sorted(
            rows.filter((r) => r[0] === domain),
            (r) => `${r[1]} ${r[2].padStart(9)}`,
          ).map(([, type, opset, link]) => [type, opset, link]),
        )}`,
    ),
    internal.length > 0
      ? `## Made by passes\n\nNo operator of a file becomes one of these: ${internal.join(', ')}.`
      : '',
  );
}

function section(op: OpDef): string {
  const forms = op.onnx.flatMap((form) =>
    (form.domains ?? ['']).map((domain) => [domainName(domain), form.type, opsets(form), codes(form.attrs ?? [])]),
  );
  const traits = [
    op.isView ? 'A view: no bytes move.' : '',
    op.isPriced ? '' : 'Priced by its bodies.',
    op.impure === undefined ? '' : `Never folded: ${prose(op.impure)}.`,
  ].filter(Boolean);
  return [
    `## ${op.kind}`,
    [prose(op.doc), ...traits].join(' '),
    `Operands: ${op.operands.length > 0 ? op.operands.map(operand).join(', ') : 'none'}. Outputs: ${op.outputs.map(operand).join(', ')}.`,
    ...(forms.length > 0 ? [table(['Domain', 'Operator', 'Opsets', 'ONNX attributes'], forms)] : []),
    ...(Object.keys(op.attrs).length > 0
      ? [table(['Attribute', 'Kind', 'Default', 'Meaning'], Object.entries(op.attrs).map(attribute))]
      : []),
    ...(op.examples.length > 0
      ? [
          fence(
            'text',
            op.examples
              .slice(0, 3)
              .map((e) => example(op, e))
              .join('\n\n'),
          ),
        ]
      : []),
  ]
    .map((part) => part.trimEnd())
    .join('\n\n');
}

const operand = (declared: string): string =>
  `${code(bareName(declared))}${isOptional(declared) ? ' (optional)' : isVariadic(declared) ? ' (any number)' : ''}`;

const valueText = (value: AttrValue): string =>
  Array.isArray(value) ? `[${value.join(', ')}]` : value === '' ? '""' : String(value);

const attribute = ([name, spec]: [string, AttrSpec<AttrValue>]): string[] => [
  code(name),
  spec.choices ? spec.choices.map(code).join(' ') : spec.kind,
  spec.default === undefined ? (spec.optional ? 'absent' : 'must be given') : code(valueText(spec.default)),
  prose(spec.doc),
];

const longestExampleLine = 110;

function example(op: OpDef, e: Example): string {
  const outputs = new Set(op.outputs.map(bareName));
  const cut = (text: string): string =>
    text.length > longestExampleLine ? `${text.slice(0, longestExampleLine - 4)} ...` : text;
  const lines = Object.entries(e).flatMap(([name, value]) => {
    if (name === 'attrs' || value === undefined) return [];
    const text = Array.isArray(value)
      ? (value as readonly string[]).join('; ')
      : typeof value === 'string'
        ? value
        : '';
    return [[outputs.has(name), `${name} = ${text}`] as const];
  });
  const attrs = Object.entries(e.attrs ?? {}).map(([name, value]) => `${name}=${valueText(value)}`);
  return [
    ...lines.filter(([isOutput]) => !isOutput).map(([, text]) => cut(text)),
    ...(attrs.length > 0 ? [`{${attrs.join(', ')}}`] : []),
    ...lines.filter(([isOutput]) => isOutput).map(([, text]) => cut(`-> ${text}`)),
  ].join('\n');
}

export function outOfScopePage(): string {
  const rows = (list: ReadonlyMap<string, OutOfScope>): string[][] =>
    sorted(list, ([type]) => type).map(([type, { reason, fix }]) => [type, prose(reason), prose(fix)]);
  const whole: string[][] = [
    ['ai.onnx.ml', 'classical machine learning: trees, scalers, SVMs'],
    ['ai.onnx.training, ai.onnx.preview.training', 'training'],
    ['ai.onnx.contrib, com.microsoft.extensions', 'tokenizers and codecs'],
    ['com.microsoft.mlfeaturizers', 'classical machine learning'],
    ['org.pytorch.aten', 'stands for operators of PyTorch that the exporter could not translate'],
    ['com.microsoft, names that end in Grad', 'training'],
  ];
  return page(
    'Operators that are out of scope',
    'compiler/onnx/out-of-scope.ts',
    'These operators exist, but have no meaning here. A model that uses one is refused with NL1105, which names each of them, the reason and a way out.',
    `## ai.onnx\n\n${table(['Operator', 'Reason', 'What to do'], rows(standardOutOfScope))}`,
    `## com.microsoft\n\n${table(['Operator', 'Reason', 'What to do'], rows(vendorOutOfScope))}`,
    `## Whole domains\n\n${table(['Domain', 'What it holds'], whole)}`,
  );
}
