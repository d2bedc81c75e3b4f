import { existsSync } from 'node:fs';
import { codePages } from '../base/codes/index.ts';
import { fail } from '../base/diagnostics.ts';
import { closest } from '../base/suggest.ts';
import { show } from '../base/units.ts';
import { explainLayer, type Explanation } from '../explain/layer.ts';
import { advicePages, terms } from '../explain/terms.ts';
import { wrap } from '../../reports/render/terminal.ts';
import { forTerminal, padEnd } from '../base/text.ts';
import { defineCommand, save } from './kit/define.ts';
import { netloom, openMachine, openModel } from './kit/load.ts';
import { usage, type Session } from './kit/session.ts';

export const define = defineCommand({
  schema: 'netloom/explain@1',
  description:
    "Explains an error code, a piece of advice, a term, or one layer's arithmetic with the numbers filled in.",
  arguments: [
    ['[subject]', 'a code (NL2103), a term (roofline), or a model together with --layer; a list when absent'],
  ],
  flags: [
    ['--layer <name>', 'the layer of the model to explain'],
    ['--formula-only', 'leave the numbers out'],
  ],
  examples: [
    'netloom explain NL2103',
    'netloom explain roofline',
    'netloom explain model.onnx --layer /conv1/Conv --on tpu-v1 --precision int8',
  ],
  run: (session, [subject], flags) => {
    if (subject === undefined) return list(session);
    if (typeof flags.layer === 'string') return layer(session, subject, flags.layer, flags.formulaOnly === true);
    const code = subject.toUpperCase();
    if (Object.hasOwn(codePages, code)) return codePage(session, code as keyof typeof codePages);
    if (Object.hasOwn(advicePages, code))
      return print(
        session,
        { subject: code, text: advicePages[code]! },
        `${code}\n  ${wrap(advicePages[code]!, session.terminal.width, '  ')}\n`,
      );
    const word = subject.toLowerCase();
    if (Object.hasOwn(terms, word)) return termPage(session, word);
    if (existsSync(subject))
      throw usage(
        'no layer is named',
        'explain shows one layer of a model',
        `netloom explain ${subject} --layer <name> --on tpu-v1; netloom inspect lists the names`,
      );
    const near = closest(word, Object.keys(terms)) ?? closest(code, Object.keys(codePages));
    return fail('NL7004', {
      message: `there is no page for "${subject.slice(0, 80)}"`,
      cause: 'it is no code, no term and no file',
      fix: near ? `did you mean "${near}"?` : 'netloom explain lists the terms',
    });
  },
});

/** Pages have a schema of their own: the document of a layer holds its arithmetic. */
function print(session: Session, data: unknown, text: string): number {
  session.schema = 'netloom/page@1';
  if (session.format === 'json') session.printJson(data);
  else session.print(text);
  return 0;
}

function list(session: Session): number {
  const codes = Object.entries(codePages);
  const data = {
    terms: Object.keys(terms),
    codes: codes.map(([code, page]) => ({ code, title: page.title, exit: page.exit })),
    advice: Object.keys(advicePages),
  };
  return print(
    session,
    data,
    `terms: ${wrap(Object.keys(terms).join(', '), session.terminal.width ?? 80, '       ')}\n\ncodes:\n${codes.map(([code, page]) => `  ${code}  ${page.title} (exit code ${page.exit})`).join('\n')}\n\nadvice: ${Object.keys(advicePages).join(', ')}\n`,
  );
}

function codePage(session: Session, code: keyof typeof codePages): number {
  const page = codePages[code];
  return print(
    session,
    { code, ...page },
    `${code}: ${page.title}\n\n  wrong: ${page.wrong}\n  right: ${page.right}\n\n  ${wrap(page.why, session.terminal.width, '  ')}\n\n  exit code ${page.exit}\n`,
  );
}

function termPage(session: Session, word: string): number {
  const t = terms[word]!;
  const lines = [
    `${word}`,
    '',
    `  ${wrap(t.sentence, session.terminal.width, '  ')}`,
    '',
    ...(t.formula ? [`  formula: ${t.formula}${t.unit ? `  [${t.unit}]` : ''}`] : t.unit ? [`  unit: ${t.unit}`] : []),
    `  where:   ${wrap(t.where, session.terminal.width, '           ')}`,
    ...(t.see ? [`  see:     ${t.see.join(', ')}`] : []),
  ];
  return print(session, { term: word, ...t }, `${lines.join('\n')}\n`);
}

function layer(session: Session, path: string, name: string, formulaOnly: boolean): number {
  const { settings } = session;
  const [machine] = settings.on;
  if (machine === undefined)
    throw usage('no machine is named', "a layer's time and energy are those on a machine", 'add --on tpu-v1');
  const hardware = openMachine(session, machine);
  const model = openModel(session, path);
  const lowered = netloom.lower(model, { precision: settings.precision });
  const run = netloom.estimate(lowered, hardware, {
    ...(settings.batch === undefined ? {} : { batch: settings.batch }),
    trips: settings.trips,
    advice: false,
  });
  const explanation = explainLayer(run, name);
  save(session, explanation);
  if (session.format === 'json') session.printJson(explanation);
  else session.print(textOf(explanation, formulaOnly, session.terminal.width));
  session.showDiagnostics();
  return 0;
}

const valueText = (value: number | null, unit: string): string => {
  if (value === null) return '';
  if (unit === 's') return show.seconds(value);
  if (unit === 'J') return show.joules(value);
  if (unit === 'MAC' || unit === 'B') return `${show.whole(Math.round(value))} ${unit}`;
  return unit === 'MAC/s' ? show.rate(value, unit) : `${show.plain(value, 4)} ${unit}`;
};

function textOf(e: Explanation, formulaOnly: boolean, columns: number | undefined): string {
  const width = Math.max(0, ...e.steps.map((s) => s.name.length));
  const line = (name: string, text: string): string =>
    `  ${padEnd(name, width)} = ${wrap(text, columns ?? Infinity, ' '.repeat(width + 7))}`;
  const lines = e.steps.flatMap((s) =>
    formulaOnly
      ? [line(s.name, s.formula)]
      : [line(s.name, s.formula), line('', s.filled), line('', `${valueText(s.value, s.unit)}   (${s.source})`)],
  );
  return [
    forTerminal(`${e.layer} on ${e.machine}, ${e.precision}, batch ${e.batch}`),
    ...lines,
    `  Not in this: ${wrap(`${e.not_in_it}.`, columns, '               ')}`,
    `  Terms: ${wrap(`${e.terms.join(', ')}.`, columns, '         ')}`,
    '',
  ].join('\n');
}
