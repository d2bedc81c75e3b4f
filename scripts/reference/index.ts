import { commandsPage } from './commands.ts';
import { formatsPage } from './formats.ts';
import { machinePages } from './machines.ts';
import { page } from './markdown.ts';
import { sampleReport } from './sample-report.ts';
import { opPages, opThemes, outOfScopePage } from './ops.ts';
import { passesPage } from './passes.ts';
import { errorsPage, runPage, termsPage } from './texts.ts';

/** docs/reference and the sample report as they should be: paths and texts. The same code gives the same bytes. */
export async function reference(): Promise<Map<string, string>> {
  const pages = new Map([
    ['README.md', contents],
    ['commands.md', await commandsPage()],
    ['errors.md', errorsPage()],
    ['terms.md', termsPage()],
    ['run-json.md', runPage()],
    ...opPages(await opThemes()),
    ['out-of-scope.md', outOfScopePage()],
    ['passes.md', passesPage()],
    ['formats.md', formatsPage()],
    ...machinePages(),
  ]);
  const files = [...pages].map(([name, text]): [string, string] => [`docs/reference/${name}`, text]);
  return new Map([...files, ['examples/small-cnn.tpu-v1.html', await sampleReport()]]);
}

const contents = page(
  'Reference',
  'the registries',
  [
    '- [Commands and flags](commands.md)',
    '- [Messages and exit codes](errors.md)',
    '- [Terms and advice](terms.md)',
    '- [run.json](run-json.md)',
    '- [Operators](ops.md), and [those out of scope](out-of-scope.md)',
    '- [Passes](passes.md)',
    '- [Number formats and precisions](formats.md)',
    '- [Machines and machine files](machines.md)',
  ].join('\n'),
);
