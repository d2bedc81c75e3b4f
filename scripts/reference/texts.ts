import { codePages } from '../../src/base/codes/index.ts';
import { advicePages, terms } from '../../src/explain/terms.ts';
import { EstimateDocument } from '../../compiler/run/schema.ts';
import { code, page, prose, sorted, table } from './markdown.ts';
import { schemaTable } from './schema-table.ts';

const exits: readonly (readonly [string, string])[] = [
  ['0', 'done, every gate met'],
  [
    '1',
    'done, and the answer is "no": a gate missed, a comparison over its threshold, an invalid machine file, a failed case',
  ],
  ['2', 'wrong usage: unknown flag, bad value, bad config'],
  ['3', 'an input cannot be read or is invalid; a warning, with --strict'],
  ['4', 'an input is valid, but not supported; all reasons are listed'],
  ['5', 'a file could not be read or written'],
  ['70', 'a fault of netloom itself'],
  ['130, 143', 'interrupted, terminated'],
];

const levels: readonly (readonly [prefix: string, title: string])[] = [
  ['NL10', 'Models that are damaged or invalid'],
  ['NL11', 'Models that are not supported'],
  ['NL2', 'Machine files'],
  ['NL3', 'Lowering'],
  ['NL4', 'Schedule and pricing'],
  ['NL5', 'Exploration and pages'],
  ['NL6', 'Files'],
  ['NL7', 'Usage and gates'],
  ['NL9', 'Faults of netloom'],
];

export function errorsPage(): string {
  const all = sorted(Object.entries(codePages), ([c]) => c);
  return page(
    'Messages and exit codes',
    'src/base/codes',
    '`netloom explain NL2103` prints the same. A code never changes its meaning. Codes with exit code 0 are warnings and notes.',
    `## Exit codes\n\n${table(['Code', 'Meaning'], exits)}`,
    ...levels.flatMap(([prefix, title]) => {
      const found = all.filter(([c]) => c.startsWith(prefix));
      if (found.length === 0) return [];
      return [
        `## ${title}`,
        ...found.map(
          ([c, p]) =>
            `### ${c}: ${prose(p.title)}\n\n${prose(p.why)}\n\n- wrong: ${code(p.wrong)}\n- right: ${code(p.right)}\n- exit code: ${p.exit}`,
        ),
      ];
    }),
  );
}

export const termsPage = (): string =>
  page(
    'Terms and advice',
    'src/explain/terms.ts',
    '`netloom explain roofline` prints the same.',
    ...Object.entries(terms).map(([name, t]) =>
      [
        `## ${name}\n`,
        prose(t.sentence),
        ...(t.formula
          ? [`\nFormula: ${code(t.formula)}${t.unit ? ` in ${prose(t.unit)}` : ''}.`]
          : t.unit
            ? [`\nUnit: ${prose(t.unit)}.`]
            : []),
        `\nWhere: ${prose(t.where)}.${t.see ? ` See ${t.see.map((s) => `[${s}](#${s})`).join(', ')}.` : ''}`,
      ].join('\n'),
    ),
    `## Advice\n\n${table(
      ['Code', 'What it means'],
      Object.entries(advicePages).map(([c, text]) => [c, prose(text)]),
    )}`,
  );

export const runPage = (): string =>
  page(
    'run.json',
    'compiler/run/schema.ts',
    'The document of `netloom estimate --json` and `--save`, which `report` and `compare` read. `netloom schema estimate` prints its JSON schema. Adding an optional field keeps the number in `schema`; renaming, removing or changing a meaning raises it. Names of quantities end in their unit.',
    schemaTable(EstimateDocument),
  );
